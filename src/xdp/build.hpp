// Writing frames: UDP over IPv4 or IPv6, with all checksums.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>

#include "xdp/headers.hpp"

namespace ringway::xdp {

/// Who sends a datagram to whom.
struct udp_recipe {
    mac_address source_mac{};
    mac_address target_mac{};
    bool is_v6 = false;
    ip_address source{};
    ip_address target{};
    std::uint16_t source_port = 0;
    std::uint16_t target_port = 0;
    int vlan = -1;  ///< Tag of 802.1Q; -1: none.
};

/// Bytes in front of the payload.
[[nodiscard]] std::size_t udp_overhead(const udp_recipe& how) noexcept;

/// Writes a frame whose payload, `payload_bytes` of it, stands at `udp_overhead` in `frame`
/// already. Yields its length. Requires room for it, and at most 65507 bytes.
std::size_t build_udp(byte_span frame, const udp_recipe& how, std::size_t payload_bytes) noexcept;

/// Writes the checksum of the transport part of a frame anew, and for IPv4 that of its header.
void write_checksums(byte_span frame, const frame_headers& headers) noexcept;

}  // namespace ringway::xdp
