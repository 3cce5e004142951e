#include "quic/packet_protection.hpp"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

namespace ringway::quic::detail {
namespace {

using test::quic_end;
using test::quic_pair;
using test::quic_world;

std::string text_of(std::size_t size, unsigned seed) {
    std::mt19937 random{seed};
    std::string made(size, '\0');
    for (char& each : made) {
        each = static_cast<char>('a' + random() % 26);
    }
    return made;
}

// One end protects packets by ours, the other by the glue: each has to understand the other.
TEST(quic_packet_protection, understands_and_is_understood_by_the_glue) {
    for (const tls::cipher with :
         {tls::cipher::aes_128_gcm, tls::cipher::aes_256_gcm, tls::cipher::chacha20_poly1305}) {
        for (const std::uint32_t version : {NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2}) {
            for (const packet_sealing how : {packet_sealing::batched, packet_sealing::at_once}) {
                for (const bool server_is_ours : {true, false}) {
                    quic_world at{{}, {}, {.alpn = {"h3"}, .ciphers = {with}}};
                    quic_pair pair{
                        *at.crypto,
                        *at.client,
                        {.version = version,
                         .server_sealing = server_is_ours ? how : packet_sealing::by_glue,
                         .client_sealing = server_is_ours ? packet_sealing::by_glue : how}};
                    ASSERT_TRUE(pair.shake_hands());
                    for (std::size_t size = 1; size < 100'000; size = size * 3 + 1) {
                        pair.server.received.clear();
                        const std::string text = text_of(size, static_cast<unsigned>(size));
                        pair.send(text);
                        ASSERT_EQ(pair.server.received, text);
                    }
                    EXPECT_EQ(pair.server.failure, 0);
                    EXPECT_EQ(pair.client.failure, 0);
                }
            }
        }
    }
}

TEST(quic_packet_protection, goes_through_key_updates_every_few_packets) {
    for (const tls::cipher with :
         {tls::cipher::aes_128_gcm, tls::cipher::aes_256_gcm, tls::cipher::chacha20_poly1305}) {
        for (const std::uint32_t version : {NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2}) {
            for (const bool client_is_glue : {true, false}) {
                quic_world at{{}, {}, {.alpn = {"h3"}, .ciphers = {with}}};
                quic_pair pair{*at.crypto,
                               *at.client,
                               {.version = version,
                                .client_sealing = client_is_glue ? packet_sealing::by_glue
                                                                 : packet_sealing::batched}};
                ASSERT_TRUE(pair.shake_hands());
                int updates = 0;
                std::string all;
                for (unsigned round = 0; round < 30; ++round) {
                    quic_end& starts = round % 2 == 0 ? pair.client : pair.server;
                    updates += pair.update_keys(starts) ? 1 : 0;
                    const std::string text = text_of(2000 + round, round);
                    pair.send(text);
                    all += text;
                    ASSERT_EQ(pair.client.failure, 0) << round;
                    ASSERT_EQ(pair.server.failure, 0) << round;
                }
                EXPECT_EQ(pair.server.received, all);
                // The server may hardly ever: its packets have nothing in them to acknowledge, so
                // it does not know whether the client has the new keys.
                EXPECT_GE(updates, 15);
            }
        }
    }
}

// A whole pass is written before it is sealed, and keys are updated in its middle.
TEST(quic_packet_protection, a_batch_may_span_a_key_update) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};
    ASSERT_TRUE(pair.shake_hands());
    const std::string text = text_of(30'000, 1);
    pair.start(text);
    std::vector<std::vector<std::uint8_t>> packets;
    while (packets.empty() || !packets.back().empty()) {
        if (packets.size() == 3) {
            EXPECT_TRUE(pair.update_keys(pair.client));
        }
        packets.push_back(pair.write_unsealed(pair.client));
    }
    packets.pop_back();
    EXPECT_GE(packets.size(), 6U);
    // Those of the first phase were sealed when their key went.
    EXPECT_GE(pending_packets_here(), 3U);
    seal_pending_packets();
    EXPECT_EQ(pending_packets_here(), 0U);
    for (auto& packet : packets) {
        pair.read(pair.server, packet);
    }
    pair.settle();
    EXPECT_EQ(pair.server.received, text);
    EXPECT_EQ(pair.server.failure, 0);
}

TEST(quic_packet_protection, a_connection_that_dies_seals_what_it_wrote) {
    quic_world at;
    std::vector<std::uint8_t> packet;
    std::vector<std::uint8_t> before;
    {
        quic_pair pair{*at.crypto, *at.client};
        ASSERT_TRUE(pair.shake_hands());
        pair.start(text_of(1000, 1));
        packet = pair.write_unsealed(pair.client);
        ASSERT_EQ(pending_packets_here(), 1U);
        before = packet;
        ngtcp2_conn_del(pair.client.conn);
        pair.client.conn = nullptr;
        EXPECT_EQ(pending_packets_here(), 0U);
    }
    EXPECT_NE(packet, before);
    // Nothing readable is left.
    const std::string text{packet.begin(), packet.end()};
    EXPECT_EQ(text.find(text_of(1000, 1).substr(0, 8)), std::string::npos);
}

TEST(quic_packet_protection, packets_on_their_way_are_never_plain_text) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};
    const std::string secret = "nobody may read this";
    std::size_t seen = 0;
    pair.look = [&](quic_end&, std::vector<std::uint8_t>& packet) {
        ++seen;
        const std::string text{packet.begin(), packet.end()};
        EXPECT_EQ(text.find(secret), std::string::npos);
        return true;
    };
    ASSERT_TRUE(pair.shake_hands());
    pair.send(secret);
    EXPECT_EQ(pair.server.received, secret);
    EXPECT_GE(seen, 4U);
}

// What is changed on its way does not arrive, and does no harm.
TEST(quic_packet_protection, changed_packets_are_dropped) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};
    ASSERT_TRUE(pair.shake_hands());
    std::mt19937 random{1};
    int changed = 0;
    pair.look = [&](quic_end&, std::vector<std::uint8_t>& packet) {
        if (random() % 4 == 0) {
            packet[20 + random() % (packet.size() - 20)] ^= 1;
            ++changed;
        }
        return true;
    };
    const std::string text = text_of(60'000, 3);
    pair.send(text);
    for (int i = 0; i < 200 && pair.server.received.size() < text.size(); ++i) {
        pair.settle();
    }
    EXPECT_EQ(pair.server.received, text);
    EXPECT_EQ(pair.server.failure, 0);
    EXPECT_GT(changed, 5);
}

}  // namespace
}  // namespace ringway::quic::detail
