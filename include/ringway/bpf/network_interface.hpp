// What there is to know about a network interface before a program is attached to it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/bpf/refusal.hpp>

namespace ringway::bpf {

/// An interface of the network namespace of the calling thread, as it was when it was asked.
struct network_interface {
    unsigned index = 0;
    std::string name;
    std::string driver;                 ///< "virtio_net", "veth"; empty if it does not say.
    std::array<std::uint8_t, 6> mac{};  ///< All zero where there is none.
    unsigned mtu = 0;
    unsigned receive_queues = 1;  ///< In use (ethtool --show-channels); at least 1.
    bool is_up = false;
    bool is_loopback = false;
};

/// The interface of that name. Fails with `not_found`, and names those that there are.
[[nodiscard]] outcome<network_interface> find_interface(std::string_view name);

/// All of them, in the order of their numbers.
[[nodiscard]] std::vector<network_interface> all_interfaces();

/// Whether a default route of IPv4 or IPv6 leads over the interface: what is dropped there may be
/// the operator's own session.
[[nodiscard]] bool carries_default_route(std::string_view name);

}  // namespace ringway::bpf
