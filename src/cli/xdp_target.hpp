// From --to, --from and --mac to the headers of what is sent.
#pragma once

#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/xdp/match.hpp>

#include "cli/xdp_options.hpp"
#include "xdp/build.hpp"

namespace ringway::cli {

struct xdp_target {
    xdp::udp_recipe recipe;
    xdp::prefix sources;  ///< `bits` 0 unless --from is a prefix of several addresses.
};

/// Fails with one line that says which option is missing or wrong, or that the interface is down.
[[nodiscard]] bpf::outcome<xdp_target> xdp_target_of(const xdp_options& options,
                                                     const bpf::network_interface& where);

/// "02:00:00:00:00:01" as an address.
[[nodiscard]] bpf::outcome<xdp::mac_address> parse_mac(std::string_view text);

}  // namespace ringway::cli
