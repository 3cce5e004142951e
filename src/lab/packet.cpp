#include "lab/packet.hpp"

#include <algorithm>

#include <ringway/base/assert.hpp>

namespace ringway::lab {
namespace {

constexpr std::size_t v4_checksum_at = 10;
constexpr unsigned protocol_tcp = 6;
constexpr unsigned protocol_udp = 17;

unsigned u8(byte_view bytes, std::size_t at) noexcept {
    return std::to_integer<unsigned>(bytes[at]);
}

unsigned u16(byte_view bytes, std::size_t at) noexcept {
    return (u8(bytes, at) << 8U) | u8(bytes, at + 1);
}

void put_u16(byte_span bytes, std::size_t at, unsigned value) noexcept {
    bytes[at] = static_cast<std::byte>(value >> 8U);
    bytes[at + 1] = static_cast<std::byte>(value);
}

std::uint64_t folded(std::uint64_t sum) noexcept {
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16U);
    }
    return sum;
}

// The ones' complement sum of `bytes` as 16-bit words (RFC 1071).
std::uint64_t sum_of(byte_view bytes) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        sum += u16(bytes, i);
    }
    return bytes.size() % 2 == 0 ? sum : sum + (u8(bytes, bytes.size() - 1) << 8U);
}

// Where the checksum of the transport is, and whether 0 stands for none.
struct transport_checksum {
    std::size_t at = 0;
    bool optional = false;
    bool zero_is_ones = false;  // UDP sends a sum of 0 as 0xffff (RFC 768).
};

std::optional<transport_checksum> checksum_of(const packet_facts& facts) noexcept {
    switch (facts.protocol) {
        case transport_protocol::tcp: return transport_checksum{facts.transport_offset + 16};
        case transport_protocol::udp:
            return transport_checksum{facts.transport_offset + 6, !facts.v6, true};
        case transport_protocol::other: break;
    }
    return std::nullopt;
}

// HC' = ~(~HC + ~m + m'), RFC 1624 equation 3.
void repair(byte_span bytes, std::size_t at, unsigned before, unsigned after) noexcept {
    const std::uint64_t sum = (~u16(bytes, at) & 0xffffU) + (~before & 0xffffU) + after;
    put_u16(bytes, at, ~static_cast<unsigned>(folded(sum)) & 0xffffU);
}

void repair_transport(byte_span bytes, const packet_facts& facts, unsigned before,
                      unsigned after) noexcept {
    const auto checksum = checksum_of(facts);
    if (!checksum || (checksum->optional && u16(bytes, checksum->at) == 0)) {
        return;
    }
    repair(bytes, checksum->at, before, after);
    if (checksum->zero_is_ones && u16(bytes, checksum->at) == 0) {
        put_u16(bytes, checksum->at, 0xffff);
    }
}

std::size_t address_at(bool v6, packet_end end) noexcept {
    return v6 ? (end == packet_end::source ? 8 : 24) : (end == packet_end::source ? 12 : 16);
}

std::size_t address_bytes(bool v6) noexcept { return v6 ? 16 : 4; }

std::size_t header_bytes(byte_view bytes) noexcept {
    return u8(bytes, 0) >> 4U == 6 ? 40 : std::size_t{u8(bytes, 0) & 0xfU} * 4;
}

// Over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) and the transport.
std::uint64_t transport_sum(byte_view bytes, const packet_facts& facts) noexcept {
    const auto addresses =
        bytes.subspan(address_at(facts.v6, packet_end::source), 2 * address_bytes(facts.v6));
    const auto transport = bytes.subspan(facts.transport_offset);
    const unsigned number = facts.protocol == transport_protocol::tcp ? protocol_tcp : protocol_udp;
    return folded(sum_of(addresses) + number + transport.size() + sum_of(transport));
}

std::optional<packet_facts> read_transport(byte_view bytes, packet_facts facts,
                                           unsigned protocol) noexcept {
    const auto rest = bytes.size() - facts.transport_offset;
    const auto at = facts.transport_offset;
    if (protocol == protocol_udp && rest >= 8) {
        facts.protocol = transport_protocol::udp;
        facts.payload_offset = at + 8;
    } else if (protocol == protocol_tcp && rest >= 20) {
        const auto header = std::size_t{u8(bytes, at + 12) >> 4U} * 4;
        if (header < 20 || header > rest) {
            return std::nullopt;
        }
        facts.protocol = transport_protocol::tcp;
        facts.payload_offset = at + header;
    } else {
        facts.payload_offset = at;
        facts.payload_bytes = rest;
        return facts;
    }
    facts.payload_bytes = bytes.size() - facts.payload_offset;
    facts.source_port = static_cast<std::uint16_t>(u16(bytes, at));
    facts.destination_port = static_cast<std::uint16_t>(u16(bytes, at + 2));
    return facts;
}

}  // namespace

std::optional<packet_facts> read_packet(byte_view bytes) noexcept {
    if (bytes.size() < 20) {
        return std::nullopt;
    }
    const unsigned version = u8(bytes, 0) >> 4U;
    if (version == 4) {
        const auto header = header_bytes(bytes);
        if (header < 20 || header > bytes.size() || u16(bytes, 2) != bytes.size()) {
            return std::nullopt;
        }
        const bool fragment = (u16(bytes, 6) & 0x3fffU) != 0;  // More fragments, or an offset.
        return read_transport(bytes, {.v6 = false, .transport_offset = header},
                              fragment ? 0U : u8(bytes, 9));
    }
    if (version == 6 && bytes.size() >= 40 && std::size_t{u16(bytes, 4)} + 40 == bytes.size()) {
        return read_transport(bytes, {.v6 = true, .transport_offset = 40}, u8(bytes, 6));
    }
    return std::nullopt;
}

ip_address address_of(byte_view bytes, const packet_facts& facts, packet_end end) noexcept {
    ip_address address{.v6 = facts.v6};
    const auto from = bytes.subspan(address_at(facts.v6, end), address_bytes(facts.v6));
    std::ranges::copy(from, address.bytes.begin());
    return address;
}

void write_address(byte_span bytes, const packet_facts& facts, packet_end end,
                   const ip_address& address) noexcept {
    RW_ASSERT(address.v6 == facts.v6);
    const auto at = address_at(facts.v6, end);
    const byte_view to{address.bytes};
    for (std::size_t i = 0; i < address_bytes(facts.v6); i += 2) {
        const auto before = u16(bytes, at + i);
        const auto after = u16(to, i);
        put_u16(bytes, at + i, after);
        if (!facts.v6) {
            repair(bytes, v4_checksum_at, before, after);
        }
        repair_transport(bytes, facts, before, after);
    }
}

void write_port(byte_span bytes, const packet_facts& facts, packet_end end,
                std::uint16_t port) noexcept {
    RW_ASSERT(facts.protocol != transport_protocol::other);
    const auto at = facts.transport_offset + (end == packet_end::source ? 0 : 2);
    const auto before = u16(bytes, at);
    put_u16(bytes, at, port);
    repair_transport(bytes, facts, before, port);
}

unsigned ecn_of(byte_view bytes) noexcept {
    return u8(bytes, 0) >> 4U == 6 ? (u8(bytes, 1) >> 4U) & 3U : u8(bytes, 1) & 3U;
}

bool mark_congestion(byte_span bytes) noexcept {
    if (ecn_of(bytes) == 0) {
        return false;
    }
    const bool v6 = u8(bytes, 0) >> 4U == 6;
    const auto before = u16(bytes, 0);
    put_u16(bytes, 0, before | (v6 ? 0x30U : 0x3U));
    if (!v6) {
        repair(bytes, v4_checksum_at, before, u16(bytes, 0));
    }
    return true;
}

bool corrupt_payload(byte_span bytes, std::uint64_t bit) noexcept {
    const auto facts = read_packet(bytes);
    if (!facts || facts->payload_bytes == 0) {
        return false;
    }
    bit %= facts->payload_bytes * 8;
    const auto at = facts->payload_offset + static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::byte>(0x80U >> (bit % 8));
    const auto before = std::to_integer<unsigned>(bytes[at]);
    bytes[at] ^= mask;
    const auto after = std::to_integer<unsigned>(bytes[at]);
    if (facts->protocol == transport_protocol::udp) {
        // Words are counted from the start of the UDP header.
        const unsigned shift = (at - facts->transport_offset) % 2 == 0 ? 8 : 0;
        repair_transport(bytes, *facts, before << shift, after << shift);
    }
    return true;
}

bool checksums_are_right(byte_view bytes) noexcept {
    const auto facts = read_packet(bytes);
    if (!facts) {
        return false;
    }
    if (!facts->v6 && folded(sum_of(bytes.first(header_bytes(bytes)))) != 0xffff) {
        return false;
    }
    const auto checksum = checksum_of(*facts);
    if (!checksum || (checksum->optional && u16(bytes, checksum->at) == 0)) {
        return true;
    }
    return transport_sum(bytes, *facts) == 0xffff;
}

void write_checksums(byte_span bytes) noexcept {
    const auto facts = read_packet(bytes);
    RW_ASSERT(facts.has_value());
    if (!facts->v6) {
        put_u16(bytes, v4_checksum_at, 0);
        const auto sum = folded(sum_of(byte_view{bytes}.first(header_bytes(bytes))));
        put_u16(bytes, v4_checksum_at, ~static_cast<unsigned>(sum) & 0xffffU);
    }
    if (const auto checksum = checksum_of(*facts)) {
        put_u16(bytes, checksum->at, 0);
        const auto sum = ~static_cast<unsigned>(transport_sum(bytes, *facts)) & 0xffffU;
        put_u16(bytes, checksum->at, sum == 0 && checksum->zero_is_ones ? 0xffffU : sum);
    }
}

}  // namespace ringway::lab
