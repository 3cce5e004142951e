// The network interfaces of this machine, and what their drivers say that they can do.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringway::probe {

// NETDEV_XDP_ACT_* of linux/netdev.h (6.3), which this build's headers may not have.
inline constexpr std::uint64_t xdp_basic = 1;
inline constexpr std::uint64_t xdp_redirect = 2;
inline constexpr std::uint64_t xdp_transmit = 4;
inline constexpr std::uint64_t xdp_zero_copy = 8;
inline constexpr std::uint64_t xdp_offload = 16;
inline constexpr std::uint64_t xdp_multi_buffer = 32;

struct interface_facts {
    std::string name;
    std::uint32_t index = 0;
    std::string driver;   ///< "virtio_net"; "" where it does not say.
    unsigned queues = 0;  ///< For receiving.
    unsigned mtu = 0;
    std::optional<std::uint64_t> xdp;  ///< Nothing where the kernel does not tell (before 6.3).
};

/// All but loopback, in the order of their numbers.
[[nodiscard]] std::vector<interface_facts> look_at_interfaces();

/// "driver virtio_net, 2 queues, MTU 1500; native, redirect, zero copy".
[[nodiscard]] std::string text_of(const interface_facts& what);

/// Reads a message of the family "netdev" (genl): the index and the XDP features in it.
struct netdev_answer {
    std::uint32_t index = 0;
    std::uint64_t xdp = 0;
    std::uint64_t receive_hints = 0;  ///< NETDEV_XDP_RX_METADATA_* (Linux 6.8).
};
[[nodiscard]] netdev_answer read_netdev_answer(std::span<const std::byte> content) noexcept;

/// What the kernel says of each interface of this network namespace; nothing before Linux 6.3.
[[nodiscard]] std::vector<netdev_answer> ask_netdev();

}  // namespace ringway::probe
