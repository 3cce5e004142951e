// IP packets as the relay sees them: what is in them, and changes that keep their checksums right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>

namespace ringway::lab {

/// An IP packet as it is on the wire, from the IP header on.
using packet = std::vector<std::byte>;

enum class transport_protocol : std::uint8_t { other, tcp, udp };

/// An IPv4 or IPv6 address in network order. IPv4 uses the first four bytes.
struct ip_address {
    std::array<std::byte, 16> bytes{};
    bool v6 = false;

    friend bool operator==(const ip_address&, const ip_address&) = default;
    friend auto operator<=>(const ip_address&, const ip_address&) = default;
};

/// What the headers of a packet say.
struct packet_facts {
    bool v6 = false;
    transport_protocol protocol = transport_protocol::other;  ///< other: ports are 0.
    std::size_t transport_offset = 0;                         ///< Of the TCP or UDP header.
    std::size_t payload_offset = 0;                           ///< Of what TCP or UDP carries.
    std::size_t payload_bytes = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
};

/// Which end of a packet.
enum class packet_end : std::uint8_t { source, destination };

/// Reads the headers (RFC 791, 8200, 9293, 768). Nothing if `bytes` is no whole IP packet. IPv6
/// extension headers and fragments count as protocol `other`.
[[nodiscard]] std::optional<packet_facts> read_packet(byte_view bytes) noexcept;

[[nodiscard]] ip_address address_of(byte_view bytes, const packet_facts& facts,
                                    packet_end end) noexcept;

/// Writes an address or a port anew and repairs the checksums by what has changed (RFC 1624).
/// A UDP checksum of 0 in IPv4, which stands for none, stays. `facts` are those of `bytes`, of
/// protocol TCP or UDP; the caller reads them anew behind `write_port`.
void write_address(byte_span bytes, const packet_facts& facts, packet_end end,
                   const ip_address& address) noexcept;
void write_port(byte_span bytes, const packet_facts& facts, packet_end end,
                std::uint16_t port) noexcept;

/// The two ECN bits of the IP header (RFC 3168): 0 not capable, 1 and 2 capable, 3 marked.
[[nodiscard]] unsigned ecn_of(byte_view bytes) noexcept;

/// Marks "congestion experienced". False, and nothing changes, if the packet is not capable of it.
bool mark_congestion(byte_span bytes) noexcept;

/// Flips bit `bit` of the payload, counted from its start and modulo its length. A UDP checksum is
/// repaired, so that it is QUIC that has to notice; TCP's is left wrong, as TCP has nothing else to
/// notice it by. False if there is no payload.
bool corrupt_payload(byte_span bytes, std::uint64_t bit) noexcept;

/// Whether the checksums of the IP header and of TCP or UDP are right, calculated from scratch.
[[nodiscard]] bool checksums_are_right(byte_view bytes) noexcept;

/// Fills in all checksums: for packets made by hand.
void write_checksums(byte_span bytes) noexcept;

}  // namespace ringway::lab
