// What the headers of an Ethernet frame say: Ethernet, 802.1Q, ARP, IPv4, IPv6, ICMP, UDP, TCP.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <ringway/base/bytes.hpp>

namespace ringway::xdp {

constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_arp = 0x0806;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint16_t type_vlan = 0x8100;
constexpr std::uint16_t type_vlan_outer = 0x88a8;
constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_icmp6 = 58;
constexpr std::uint8_t protocol_sctp = 132;

using mac_address = std::array<std::uint8_t, 6>;
/// IPv4 stands in the last four bytes.
using ip_address = std::array<std::uint8_t, 16>;

[[nodiscard]] constexpr std::uint16_t load16(byte_view from, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(static_cast<unsigned>(from[at]) << 8U |
                                      static_cast<unsigned>(from[at + 1]));
}
constexpr void store16(byte_span to, std::size_t at, std::uint16_t value) noexcept {
    to[at] = static_cast<std::byte>(value >> 8U);
    to[at + 1] = static_cast<std::byte>(value & 0xffU);
}

/// The headers of one frame, with the places they stand at.
struct frame_headers {
    std::uint16_t ether_type = 0;  ///< Behind VLAN tags.
    int vlan = -1;                 ///< Of the outer tag; -1: none.
    std::size_t network = 0;       ///< Where the IP or ARP header begins.
    std::uint8_t ip_version = 0;   ///< 4, 6; 0: neither. Of ARP: 0.
    std::uint8_t protocol = 0;  ///< Of IP, behind IPv6's extension headers; of ARP its operation.
    std::uint8_t hops = 0;      ///< TTL or hop limit.
    ip_address source{};
    ip_address target{};
    bool is_later_fragment = false;  ///< Has no transport header.
    std::size_t transport = 0;       ///< 0: none here, or not all of it.
    std::size_t end = 0;             ///< Where the IP packet ends; padding may follow.
    int source_port = -1;            ///< Of TCP, UDP and SCTP.
    int target_port = -1;
    int icmp_type = -1;
};

/// Reads the headers. None for what is shorter than an Ethernet header. Headers that are cut off or
/// contradict themselves are left out, with all behind them; nothing beyond `frame` is read.
[[nodiscard]] std::optional<frame_headers> parse_frame(byte_view frame) noexcept;

/// The sum of the pseudo-header (RFC 768, RFC 8200 8.1) for a transport part of `bytes`.
[[nodiscard]] std::uint64_t pseudo_header_sum(const frame_headers& of, std::size_t bytes) noexcept;

/// Whether the checksums of the IPv4 header and of ICMP, UDP or TCP are right; those that are left
/// out (UDP over IPv4) are.
[[nodiscard]] bool checksums_are_right(byte_view frame, const frame_headers& headers) noexcept;

}  // namespace ringway::xdp
