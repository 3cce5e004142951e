#include "xdp/build.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

#include "xdp/checksum.hpp"
#include "xdp/headers.hpp"

namespace ringway::xdp {
namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_bytes = 4;
constexpr std::size_t v4_bytes = 20;
constexpr std::size_t v6_bytes = 40;
constexpr std::size_t udp_bytes = 8;
constexpr std::size_t v4_in_address = 12;
constexpr std::uint8_t hops = 64;
constexpr std::size_t payload_max = 65507;

std::size_t write_ethernet(byte_span frame, const udp_recipe& how) noexcept {
    std::memcpy(&frame[0], how.target_mac.data(), 6);
    std::memcpy(&frame[6], how.source_mac.data(), 6);
    std::size_t at = 12;
    if (how.vlan >= 0) {
        store16(frame, at, type_vlan);
        store16(frame, at + 2, static_cast<std::uint16_t>(how.vlan));
        at += vlan_bytes;
    }
    store16(frame, at, how.is_v6 ? type_ipv6 : type_ipv4);
    return at + 2;
}

std::size_t write_v4(byte_span frame, std::size_t at, const udp_recipe& how,
                     std::size_t inner) noexcept {
    std::ranges::fill(frame.subspan(at, v4_bytes), std::byte{0});
    frame[at] = std::byte{0x45};
    store16(frame, at + 2, static_cast<std::uint16_t>(v4_bytes + inner));
    store16(frame, at + 6, 0x4000);  // Not to be fragmented.
    frame[at + 8] = std::byte{hops};
    frame[at + 9] = std::byte{protocol_udp};
    std::memcpy(&frame[at + 12], &how.source[v4_in_address], 4);
    std::memcpy(&frame[at + 16], &how.target[v4_in_address], 4);
    return at + v4_bytes;
}

std::size_t write_v6(byte_span frame, std::size_t at, const udp_recipe& how,
                     std::size_t inner) noexcept {
    std::ranges::fill(frame.subspan(at, v6_bytes), std::byte{0});
    frame[at] = std::byte{0x60};
    store16(frame, at + 4, static_cast<std::uint16_t>(inner));
    frame[at + 6] = std::byte{protocol_udp};
    frame[at + 7] = std::byte{hops};
    std::memcpy(&frame[at + 8], how.source.data(), how.source.size());
    std::memcpy(&frame[at + 24], how.target.data(), how.target.size());
    return at + v6_bytes;
}

}  // namespace

std::size_t udp_overhead(const udp_recipe& how) noexcept {
    return ethernet_bytes + (how.vlan >= 0 ? vlan_bytes : 0) + (how.is_v6 ? v6_bytes : v4_bytes) +
           udp_bytes;
}

std::size_t build_udp(byte_span frame, const udp_recipe& how, std::size_t payload_bytes) noexcept {
    const std::size_t length = udp_overhead(how) + payload_bytes;
    RW_ASSERT(payload_bytes <= payload_max && length <= frame.size());
    const byte_span all = frame.first(length);
    const std::size_t inner = udp_bytes + payload_bytes;
    std::size_t at = write_ethernet(all, how);
    at = how.is_v6 ? write_v6(all, at, how, inner) : write_v4(all, at, how, inner);
    store16(all, at, how.source_port);
    store16(all, at + 2, how.target_port);
    store16(all, at + 4, static_cast<std::uint16_t>(inner));
    const auto headers = parse_frame(all);
    RW_ASSERT(headers && headers->transport == at);
    write_checksums(all, *headers);
    return length;
}

void write_checksums(byte_span frame, const frame_headers& it) noexcept {
    if (it.ip_version == 4) {
        const std::size_t header = (static_cast<std::size_t>(frame[it.network]) & 0xfU) * 4;
        store16(frame, it.network + 10, 0);
        store16(frame, it.network + 10, checksum_of(add_words(frame.subspan(it.network, header))));
    }
    const bool is_icmp = it.protocol == protocol_icmp;
    if (it.transport == 0 || (it.protocol != protocol_udp && it.protocol != protocol_icmp6 &&
                              it.protocol != protocol_tcp && !is_icmp)) {
        return;
    }
    const std::size_t place = it.transport + (it.protocol == protocol_udp   ? 6
                                              : it.protocol == protocol_tcp ? 16
                                                                            : 2);
    const std::size_t bytes = it.end - it.transport;
    store16(frame, place, 0);
    std::uint16_t sum = checksum_of(
        add_words(frame.subspan(it.transport, bytes), is_icmp ? 0 : pseudo_header_sum(it, bytes)));
    if (sum == 0 && it.protocol == protocol_udp) {
        sum = 0xffff;  // 0 means that there is none (RFC 768).
    }
    store16(frame, place, sum);
}

}  // namespace ringway::xdp
