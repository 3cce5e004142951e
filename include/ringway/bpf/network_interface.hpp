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

/// What the driver of an interface can tell of a packet that it received, beside the packet
/// (NETDEV_XDP_RX_METADATA_* of the kernel).
struct offered_hints {
    bool time = false;  ///< When it arrived, by the clock of the card.
    bool hash = false;  ///< Of its addresses and ports.
    bool vlan = false;  ///< The tag that it took out of it.

    [[nodiscard]] bool any() const noexcept { return time || hash || vlan; }
};

/// Of the interface with that number. None before Linux 6.8, where drivers do not say.
[[nodiscard]] offered_hints find_offered_hints(unsigned interface);

/// "time,hash,vlan"; empty for none.
[[nodiscard]] std::string to_text(const offered_hints& hints);

/// Whether a default route of IPv4 or IPv6 leads over the interface: what is dropped there may be
/// the operator's own session.
[[nodiscard]] bool carries_default_route(std::string_view name);

}  // namespace ringway::bpf
