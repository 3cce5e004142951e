#include "lab/packet.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support/made_packet.hpp"

namespace ringway::lab {
namespace {

using test::made_packet;
using test::packet_recipe;

std::vector<packet_recipe> all_kinds() {
    std::vector<packet_recipe> kinds;
    for (const bool v6 : {false, true}) {
        for (const auto protocol : {transport_protocol::udp, transport_protocol::tcp}) {
            for (const std::size_t size : {0U, 1U, 2U, 99U, 1200U}) {
                kinds.push_back({.v6 = v6, .protocol = protocol, .payload_bytes = size});
            }
        }
    }
    return kinds;
}

// RFC 1071 section 3 has this sum: 0001 f203 f4f5 f6f7 -> ddf2. Here as the end of a UDP datagram,
// worked out by hand: pseudo-header and header sum to 0xc0a0, with the payload to 0x9e93.
TEST(packet, checksum_of_a_known_datagram) {
    auto made = made_packet({.source_port = 1, .destination_port = 2, .payload_bytes = 8});
    constexpr unsigned payload[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    for (std::size_t i = 0; i < 8; ++i) {
        made[28 + i] = static_cast<std::byte>(payload[i]);
    }
    EXPECT_FALSE(checksums_are_right(made));
    write_checksums(made);
    EXPECT_TRUE(checksums_are_right(made));
    // 0a4d+0001+0a4d+0002 + 0011 + 0010 + (0001+0002+0010) + ddf2, folded and inverted.
    const unsigned sum = 0x0a4d + 0x0001 + 0x0a4d + 0x0002 + 0x0011 + 0x0010 + 0x0013 + 0xddf2;
    const unsigned expected = ~((sum & 0xffffU) + (sum >> 16U)) & 0xffffU;
    EXPECT_EQ((std::to_integer<unsigned>(made[26]) << 8U) | std::to_integer<unsigned>(made[27]),
              expected);
}

TEST(packet, headers_are_read) {
    for (const auto& kind : all_kinds()) {
        const auto made = made_packet(kind);
        const auto facts = read_packet(made);
        ASSERT_TRUE(facts.has_value());
        EXPECT_EQ(facts->v6, kind.v6);
        EXPECT_EQ(facts->protocol, kind.protocol);
        EXPECT_EQ(facts->source_port, kind.source_port);
        EXPECT_EQ(facts->destination_port, kind.destination_port);
        EXPECT_EQ(facts->payload_bytes, kind.payload_bytes);
        EXPECT_TRUE(checksums_are_right(made));
    }
}

TEST(packet, what_is_cut_short_is_no_packet) {
    for (const auto& kind : all_kinds()) {
        const auto made = made_packet(kind);
        for (std::size_t size = 0; size < made.size(); ++size) {
            EXPECT_FALSE(read_packet(byte_view{made}.first(size)).has_value()) << size;
        }
    }
}

TEST(packet, fragments_have_no_ports) {
    auto made = made_packet({});
    made[6] = std::byte{0x20};
    const auto facts = read_packet(made);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->protocol, transport_protocol::other);
}

// Whatever is rewritten, the repaired checksums are those that a calculation from scratch gives.
TEST(packet, rewriting_keeps_checksums_right) {
    std::mt19937_64 random{7};
    for (const auto& kind : all_kinds()) {
        for (int i = 0; i < 200; ++i) {
            auto changed = made_packet(kind);
            const auto facts = *read_packet(changed);
            ip_address address{.v6 = kind.v6};
            for (auto& part : address.bytes) {
                part = static_cast<std::byte>(random());
            }
            if (!kind.v6) {
                std::fill(address.bytes.begin() + 4, address.bytes.end(), std::byte{0});
            }
            const auto end = i % 2 == 0 ? packet_end::source : packet_end::destination;
            const auto port = static_cast<std::uint16_t>(random());
            write_address(changed, facts, end, address);
            write_port(changed, facts, end, port);
            ASSERT_TRUE(checksums_are_right(changed));
            const auto after = *read_packet(changed);
            EXPECT_EQ(address_of(changed, after, end), address);
            EXPECT_EQ(end == packet_end::source ? after.source_port : after.destination_port, port);
            auto from_scratch = changed;
            write_checksums(from_scratch);
            EXPECT_EQ(from_scratch, changed);
        }
    }
}

TEST(packet, no_udp_checksum_stays_none) {
    auto made = made_packet({});
    made[26] = made[27] = std::byte{0};
    EXPECT_TRUE(checksums_are_right(made));
    write_port(made, *read_packet(made), packet_end::source, 7);
    EXPECT_EQ(made[26], std::byte{0});
    EXPECT_EQ(made[27], std::byte{0});
}

TEST(packet, congestion_is_marked_where_ecn_is_spoken) {
    for (const bool v6 : {false, true}) {
        for (unsigned ecn = 0; ecn < 4; ++ecn) {
            auto made = made_packet({.v6 = v6, .ecn = ecn});
            EXPECT_EQ(ecn_of(made), ecn);
            EXPECT_EQ(mark_congestion(made), ecn != 0);
            EXPECT_EQ(ecn_of(made), ecn == 0 ? 0U : 3U);
            EXPECT_TRUE(checksums_are_right(made));
        }
    }
}

TEST(packet, corruption_flips_one_bit) {
    for (const auto& kind : all_kinds()) {
        const auto before = made_packet(kind);
        for (std::uint64_t bit = 0; bit < 40; ++bit) {
            auto after = before;
            ASSERT_EQ(corrupt_payload(after, bit), kind.payload_bytes > 0);
            if (kind.payload_bytes == 0) {
                EXPECT_EQ(after, before);
                continue;
            }
            const bool udp = kind.protocol == transport_protocol::udp;
            EXPECT_EQ(checksums_are_right(after), udp);
            int differing = 0;
            for (std::size_t i = read_packet(before)->payload_offset; i < before.size(); ++i) {
                differing += std::popcount(std::to_integer<unsigned>(before[i] ^ after[i]));
            }
            EXPECT_EQ(differing, 1);
        }
    }
}

}  // namespace
}  // namespace ringway::lab
