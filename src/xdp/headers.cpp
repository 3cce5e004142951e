#include "xdp/headers.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include <ringway/base/bytes.hpp>

#include "xdp/checksum.hpp"

namespace ringway::xdp {
namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t vlan_tags_max = 2;
constexpr std::size_t extensions_max = 8;
constexpr std::size_t v4_bytes = 20;
constexpr std::size_t v6_bytes = 40;
constexpr std::size_t arp_bytes = 28;
constexpr std::size_t v4_in_address = 12;
constexpr std::uint8_t next_fragment = 44;

std::uint8_t byte_at(byte_view frame, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(frame[at]);
}

void copy_v4(ip_address& into, byte_view frame, std::size_t at) noexcept {
    std::memcpy(&into[v4_in_address], &frame[at], 4);
}

void read_arp(byte_view frame, frame_headers& it) noexcept {
    if (frame.size() < it.network + arp_bytes || load16(frame, it.network + 2) != type_ipv4) {
        return;
    }
    it.protocol = byte_at(frame, it.network + 7);
    copy_v4(it.source, frame, it.network + 14);
    copy_v4(it.target, frame, it.network + 24);
    it.end = it.network + arp_bytes;
}

// True if a transport header follows.
bool read_v4(byte_view frame, frame_headers& it) noexcept {
    const std::size_t at = it.network;
    if (frame.size() < at + v4_bytes || byte_at(frame, at) >> 4U != 4) {
        return false;
    }
    const std::size_t header = std::size_t{byte_at(frame, at) & 0xfU} * 4;
    const std::size_t total = load16(frame, at + 2);
    if (header < v4_bytes || total < header) {
        return false;
    }
    it.ip_version = 4;
    it.hops = byte_at(frame, at + 8);
    it.protocol = byte_at(frame, at + 9);
    copy_v4(it.source, frame, at + 12);
    copy_v4(it.target, frame, at + 16);
    it.end = std::min(frame.size(), at + total);
    it.is_later_fragment = (load16(frame, at + 6) & 0x1fffU) != 0;
    it.transport = at + header;
    return true;
}

bool is_extension(std::uint8_t next) noexcept {
    return next == 0 || next == 43 || next == 60 || next == next_fragment;
}

bool read_v6(byte_view frame, frame_headers& it) noexcept {
    const std::size_t at = it.network;
    if (frame.size() < at + v6_bytes || byte_at(frame, at) >> 4U != 6) {
        return false;
    }
    it.ip_version = 6;
    it.hops = byte_at(frame, at + 7);
    std::memcpy(it.source.data(), &frame[at + 8], it.source.size());
    std::memcpy(it.target.data(), &frame[at + 24], it.target.size());
    it.end = std::min(frame.size(), at + v6_bytes + load16(frame, at + 4));
    std::uint8_t next = byte_at(frame, at + 6);
    std::size_t here = at + v6_bytes;
    for (std::size_t i = 0; i < extensions_max && is_extension(next); ++i) {
        if (it.end < here + 8) {
            return false;
        }
        const std::size_t length =
            next == next_fragment ? 8 : 8 + std::size_t{byte_at(frame, here + 1)} * 8;
        if (next == next_fragment) {
            it.is_later_fragment |= (load16(frame, here + 2) & 0xfff8U) != 0;
        }
        next = byte_at(frame, here);
        here += length;
    }
    it.protocol = next;
    it.transport = here;
    return true;
}

std::size_t transport_bytes(std::uint8_t protocol) noexcept {
    switch (protocol) {
        case protocol_tcp: return 20;
        case protocol_sctp: return 12;
        case protocol_udp:
        case protocol_icmp:
        case protocol_icmp6: return 8;
        default: return 0;
    }
}

void read_transport(byte_view frame, frame_headers& it) noexcept {
    const std::size_t least = transport_bytes(it.protocol);
    if (it.is_later_fragment || it.end < it.transport + std::max<std::size_t>(least, 1)) {
        it.transport = 0;
        return;
    }
    if (it.protocol == protocol_icmp || it.protocol == protocol_icmp6) {
        it.icmp_type = byte_at(frame, it.transport);
    } else if (least != 0) {
        it.source_port = load16(frame, it.transport);
        it.target_port = load16(frame, it.transport + 2);
    }
}

std::size_t checksum_place(std::uint8_t protocol) noexcept {
    switch (protocol) {
        case protocol_udp: return 6;
        case protocol_tcp: return 16;
        default: return 2;
    }
}

}  // namespace

std::optional<frame_headers> parse_frame(byte_view frame) noexcept {
    if (frame.size() < ethernet_bytes) {
        return std::nullopt;
    }
    frame_headers it;
    it.ether_type = load16(frame, 12);
    it.network = ethernet_bytes;
    for (std::size_t i = 0; i < vlan_tags_max; ++i) {
        if (it.ether_type != type_vlan && it.ether_type != type_vlan_outer) {
            break;
        }
        if (frame.size() < it.network + 4) {
            return it;
        }
        if (it.vlan < 0) {
            it.vlan = load16(frame, it.network) & 0xfff;
        }
        it.ether_type = load16(frame, it.network + 2);
        it.network += 4;
    }
    it.end = frame.size();
    if (it.ether_type == type_arp) {
        read_arp(frame, it);
    } else if ((it.ether_type == type_ipv4 && read_v4(frame, it)) ||
               (it.ether_type == type_ipv6 && read_v6(frame, it))) {
        read_transport(frame, it);
    } else {
        it.transport = 0;
    }
    return it;
}

std::uint64_t pseudo_header_sum(const frame_headers& of, std::size_t bytes) noexcept {
    const auto part = [](const ip_address& address) {
        return add_words(std::as_bytes(std::span{address}));
    };
    return part(of.source) + part(of.target) + of.protocol + bytes;
}

bool checksums_are_right(byte_view frame, const frame_headers& it) noexcept {
    if (it.ip_version == 4) {
        const std::size_t header = std::size_t{byte_at(frame, it.network) & 0xfU} * 4;
        if (frame.size() < it.network + header ||
            folded(add_words(frame.subspan(it.network, header))) != 0xffff) {
            return false;
        }
    }
    const std::size_t least = transport_bytes(it.protocol);
    if (it.transport == 0 || least == 0 || it.protocol == protocol_sctp) {
        return true;
    }
    const std::size_t bytes = it.end - it.transport;
    const bool left_out = it.protocol == protocol_udp && it.ip_version == 4 &&
                          load16(frame, it.transport + checksum_place(it.protocol)) == 0;
    const std::uint64_t start = it.protocol == protocol_icmp ? 0 : pseudo_header_sum(it, bytes);
    return left_out || folded(add_words(frame.subspan(it.transport, bytes), start)) == 0xffff;
}

}  // namespace ringway::xdp
