// status: which interfaces have a program, and what their drivers can do.
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/xdp_link.hpp>

#include "cli/version.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr auto& columns = "{:<16} {:<12} {:>6} {:>6}  {:<42} {:<14} {}\n";

// Since Linux 6.3 drivers say what they can; before, nothing is known of any.
bool drivers_are_described() {
    const std::string release = kernel_release();
    const char* const end = release.data() + release.size();
    int major = 0;
    int minor = 0;
    const auto point = std::from_chars(release.data(), end, major).ptr;
    if (point != end) {
        std::from_chars(point + 1, end, minor);
    }
    return major > 6 || (major == 6 && minor >= 3);
}

std::string features_text(std::uint64_t features) {
    using hook = bpf::xdp_hook;
    constexpr std::array<std::pair<std::uint64_t, const char*>, 5> all{
        {{hook::feature_basic, "native"},
         {hook::feature_redirect, "redirect"},
         {hook::feature_transmit, "transmit"},
         {hook::feature_zero_copy, "zero-copy"},
         {hook::feature_fragments, "fragments"}}};
    std::string text;
    for (const auto& [bit, name] : all) {
        if ((features & bit) != 0) {
            text += (text.empty() ? "" : ",") + std::string{name};
        }
    }
    if (text.empty()) {
        return drivers_are_described() ? "generic only" : "not told before Linux 6.3";
    }
    return text;
}

nlohmann::json json_of(const bpf::network_interface& where, const bpf::xdp_hook& hook) {
    const bpf::offered_hints hints = bpf::find_offered_hints(where.index);
    nlohmann::json line{{"interface", where.name},
                        {"driver", where.driver},
                        {"up", where.is_up},
                        {"mtu", where.mtu},
                        {"queues", where.receive_queues},
                        {"default_route", bpf::carries_default_route(where.name)},
                        {"features", features_text(hook.features)},
                        {"receive_hints", bpf::to_text(hints)},
                        {"program", nullptr}};
    if (hook.program != 0) {
        line["program"] = {{"id", hook.program},
                           {"name", hook.program_name},
                           {"mode", bpf::name_of(hook.mode)},
                           {"dispatcher", hook.is_dispatcher}};
    }
    return line;
}

void print_status(const bpf::network_interface& where, const bpf::xdp_hook& hook) {
    const std::string program =
        hook.program == 0 ? "none"
                          : fmt::format("{} {} ({} mode)", hook.program,
                                        hook.program_name.empty() ? "?" : hook.program_name,
                                        bpf::name_of(hook.mode));
    const std::string hints = bpf::to_text(bpf::find_offered_hints(where.index));
    print_text(columns, where.name, where.driver.empty() ? "-" : where.driver, where.mtu,
               where.receive_queues, features_text(hook.features), hints.empty() ? "-" : hints,
               program);
}

}  // namespace

int run_xdp_status(const xdp_options& options) {
    std::vector<bpf::network_interface> all;
    if (options.interface.empty()) {
        all = bpf::all_interfaces();
    } else if (auto one = bpf::find_interface(options.interface)) {
        all.push_back(*std::move(one));
    } else {
        return refuse_xdp(one.error());
    }
    if (!options.json) {
        print_text(columns, "interface", "driver", "mtu", "queues", "driver's XDP", "hints",
                   "program");
    }
    for (const bpf::network_interface& where : all) {
        const auto hook = bpf::query_xdp(where.index);
        if (!hook) {
            return refuse_xdp(hook.error());
        }
        if (options.json) {
            print_text("{}\n", json_of(where, *hook).dump());
        } else {
            print_status(where, *hook);
        }
    }
    return 0;
}

}  // namespace ringway::cli
