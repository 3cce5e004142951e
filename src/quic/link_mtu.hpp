// How long a datagram the first link of a path can carry.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringway::quic::detail {

/// What UDP can carry over anything.
inline constexpr std::size_t payload_bytes_most = 65507;

/// The payload of the longest datagram of `family` that the interface with index `interface` sends
/// (netdevice(7), SIOCGIFMTU). `socket` is any of that network namespace. payload_bytes_most where
/// that can't be told.
[[nodiscard]] std::size_t payload_bytes_of_interface(int socket, std::uint32_t interface,
                                                     int family) noexcept;

/// The same for the route of a connected UDP socket (ip(7), IP_MTU; ipv6(7), IPV6_MTU).
[[nodiscard]] std::size_t payload_bytes_of_route(int socket, int family) noexcept;

}  // namespace ringway::quic::detail
