#include "probe/interface_trials.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/core.h>
#include <linux/if_xdp.h>

#include "probe/interfaces.hpp"
#include "probe/xdp_socket.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr std::string_view cards =
    "use a card whose driver has it: ice, i40e, ixgbe, igc, mlx5, ena and gve in newer kernels";

const interface_facts* find_interface(const std::vector<interface_facts>& all,
                                      const std::string& name) {
    const auto found = std::ranges::find(all, name, &interface_facts::name);
    return found == all.end() ? nullptr : &*found;
}

outcome not_listed(argument name) {
    return found_nothing(name == "lo" ? "the loopback interface is no card" : "it is gone");
}

outcome tells(argument name) {
    const auto all = look_at_interfaces();
    const auto* const one = find_interface(all, name);
    if (one == nullptr) {
        return not_listed(name);
    }
    const auto text = text_of(*one);
    if (!one->xdp) {
        return found_nothing(text);
    }
    if ((*one->xdp & xdp_zero_copy) != 0) {
        return found_yes(text);
    }
    return found_partial(text);
}

// Two sockets, one after the other: a queue has one owner.
outcome tries(argument name) {
    const auto all = look_at_interfaces();
    const auto* const one = find_interface(all, name);
    if (one == nullptr) {
        return not_listed(name);
    }
    const auto attempt = [one](std::uint16_t flags) {
        xdp_socket socket;
        return socket.error() != 0 ? socket.error() : socket.bind(one->index, flags);
    };
    const auto text = text_of(*one);
    const int without = attempt(XDP_ZEROCOPY);
    if (without == 0) {
        return found_yes(text + "; bound without copying");
    }
    const int with = attempt(XDP_COPY);
    if (with == 0) {
        return found_partial(
            fmt::format("{}; bound with copying; without: {}", text, error_text(without)),
            std::string{cards});
    }
    return found_no(fmt::format("{}; not bound: {}", text, error_text(with)),
                    with == EPERM ? "sudo ringway doctor" : "");
}

// `tried` is the interface that is to be bound; "": none.
outcome has_zero_copy(argument tried) {
    if (!tried.empty()) {
        return tries(tried);
    }
    const auto all = look_at_interfaces();
    std::string without;
    for (const auto& each : all) {
        if (each.xdp && (*each.xdp & xdp_zero_copy) != 0) {
            return found_partial(
                fmt::format("{} ({}) says so; it was not tried", each.name, each.driver),
                fmt::format("sudo ringway doctor --interface {} --try", each.name));
        }
        without += fmt::format("{}{} ({})", without.empty() ? "" : ", ", each.name, each.driver);
    }
    if (std::ranges::any_of(all, [](const auto& each) { return !each.xdp; })) {
        return found_nothing("the kernel does not tell what drivers can (6.3)");
    }
    return found_no(without.empty() ? "there are no interfaces" : "not by " + without,
                    std::string{cards});
}

}  // namespace

std::vector<trial> interface_trials(const examine_options& options) {
    const bool tried = options.try_interface && !options.interface.empty();
    constexpr std::string_view by_genl = "what the driver says (netlink, netdev)";
    constexpr std::string_view by_bind = "bind(2) to queue 0";
    std::vector<trial> all{{"xdp.zero_copy", topic::xdp, "frames without copying", "4.18",
                            tried ? by_bind : by_genl, "Frames straight from the card's memory", "",
                            false, has_zero_copy, tried ? options.interface : ""}};
    for (const auto& each : look_at_interfaces()) {
        if (options.interface.empty() || options.interface == each.name) {
            all.push_back({fmt::format("xdp.interface.{}", each.name), topic::xdp,
                           fmt::format("interface {}", each.name), "6.3", tried ? by_bind : by_genl,
                           "Which mode its driver has", "", false, tried ? tries : tells,
                           each.name});
        }
    }
    return all;
}

}  // namespace ringway::probe
