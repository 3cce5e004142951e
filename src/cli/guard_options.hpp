// What `ringway guard` was asked to do. Addresses and lifetimes are text here: who runs or asks the
// guard reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guard/firewall.hpp"

namespace ringway::cli {

enum class guard_action : std::uint8_t { run, status, stats, list, add, del, load };

struct guard_command {
    guard_action action = guard_action::run;
    std::string interface;  ///< "" to ask the only guard that there is.
    std::string socket;     ///< "": the usual place.
    bool json = false;

    std::string list = "block";       ///< Of add, del and list.
    std::vector<std::string> ranges;  ///< Of add and del.
    std::string lifetime;             ///< Of add.
    std::uint64_t top = 10;           ///< Of stats.

    guard::firewall_settings firewall;  ///< Of run, as all below.
    bool keep_given = false;
    bpf::xdp_mode mode = bpf::xdp_mode::automatic;
    std::vector<std::string> allow_files;  ///< Of load too.
    std::vector<std::string> block_files;  ///< Of load too.
    std::vector<std::string> admin;
    bool find_admin = true;
    std::string metrics;
    std::string events;
};

}  // namespace ringway::cli
