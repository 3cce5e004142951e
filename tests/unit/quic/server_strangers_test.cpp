#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/runtime/sleep.hpp>

#include "quic/connection_id.hpp"
#include "support/quic_site.hpp"
#include "support/run_on_shard.hpp"
#include "support/udp_relay.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using test::comes_true;
using test::quic_client;
using test::quic_service_world;
using test::quic_site;
using test::udp_relay;
using heading = udp_relay::heading;
using body = task<void>;

// Sends what no client would.
class stranger {
public:
    stranger() : socket_{datagram_socket::adopt(*datagram_socket::bind(endpoint::loopback(0)))} {}

    void send(const endpoint& to, byte_view bytes) {
        EXPECT_TRUE(socket_.send_now(bytes, {.to = &to}).has_value());
    }
    // The next answer; empty after a while.
    task<std::vector<std::byte>> answer(nanoseconds patience = 5s) {
        if (!(co_await with_timeout(patience, socket_.readable()))) {
            co_return std::vector<std::byte>{};
        }
        std::array<std::byte, 2048> room;
        const auto got = socket_.receive_now(room);
        co_return got ? std::vector<std::byte>{room.begin(), room.begin() + got->bytes}
                      : std::vector<std::byte>{};
    }

private:
    datagram_socket socket_;
};

// A long header (RFC 8999) with ids of 8 bytes.
std::vector<std::byte> long_packet(std::uint32_t version, std::size_t size) {
    std::vector<std::byte> made(size, std::byte{0x11});
    made[0] = std::byte{0xc3};
    for (unsigned i = 0; i < 4; ++i) {
        made[1 + i] = static_cast<std::byte>(version >> (24 - 8 * i));
    }
    made[5] = std::byte{8};
    made[14] = std::byte{8};
    return made;
}

TEST(quic_strangers, unknown_versions_are_answered_with_the_known_ones) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        stranger who;
        who.send(shared.where(), long_packet(0x1a2a3a4a, 1200));
        const auto answer = co_await who.answer();
        RW_CO_ASSERT(answer.size() >= 23 + 8);
        EXPECT_EQ(std::memcmp(answer.data() + 1, "\0\0\0\0", 4), 0);
        std::uint32_t versions = 0;
        for (std::size_t at = 23; at + 4 <= answer.size(); at += 4) {
            std::uint32_t each = 0;
            std::memcpy(&each, answer.data() + at, 4);
            each = __builtin_bswap32(each);
            versions += each == NGTCP2_PROTO_VER_V1 || each == NGTCP2_PROTO_VER_V2 ? 1 : 0;
        }
        EXPECT_EQ(versions, 2U);
        EXPECT_EQ(site.counters().version_negotiations.get(), 1U);
        // Too small to be a first packet: no answer (RFC 9000 section 6).
        who.send(shared.where(), long_packet(0x1a2a3a4a, 1199));
        EXPECT_TRUE(
            co_await comes_true([&] { return site.counters().dropped_malformed.get() == 1; }));
        EXPECT_EQ(site.counters().version_negotiations.get(), 1U);
        co_await site.close();
    });
}

// Goal: reset tokens of connections that nobody knows, always in less bytes than came.
TEST(quic_strangers, lost_connections_are_reset) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        stranger who;
        const ngtcp2_cid id = quic::detail::make_connection_id({});
        for (const std::size_t size : {22U, 30U, 43U, 1200U}) {
            std::vector<std::byte> packet(size, std::byte{7});
            packet[0] = std::byte{0x41};
            std::memcpy(packet.data() + 1, id.data, id.datalen);
            who.send(shared.where(), packet);
            const auto answer = co_await who.answer();
            EXPECT_LT(answer.size(), size);
            EXPECT_GE(answer.size(), 21U);
        }
        EXPECT_EQ(site.counters().resets_sent.get(), 4U);
        std::vector<std::byte> small(21, std::byte{0x41});
        std::memcpy(small.data() + 1, id.data, id.datalen);
        who.send(shared.where(), small);
        std::vector<std::byte> foreign(100, std::byte{0x41});
        const ngtcp2_cid other = quic::detail::make_connection_id({.generation = 3, .node = 9});
        std::memcpy(foreign.data() + 1, other.data, other.datalen);
        who.send(shared.where(), foreign);
        EXPECT_TRUE(co_await comes_true([&] {
            return site.counters().dropped_unknown.get() == 1 &&
                   site.counters().dropped_foreign.get() == 1;
        }));
        EXPECT_EQ(site.counters().resets_sent.get(), 4U);
        co_await site.close();
    });
}

// Goal: a client of a server that has forgotten it learns so at once.
TEST(quic_strangers, a_reset_ends_the_clients_connection) {
    quic::server_options options;
    options.secret.emplace();
    quic_service_world world{options};
    auto second = quic::server_group::make(*world.tls.server, options, 1);
    ASSERT_TRUE(second.has_value());
    quic::server_group& successor = **second;
    world.run([&successor](quic_service_world& shared) -> body {
        return [](quic_service_world& before, quic::server_group& after) -> body {
            const std::array any{endpoint::loopback(0)};
            RW_CO_ASSERT(after.listen(any).has_value());
            quic_site site{before};
            quic_site restarted{after};
            udp_relay relay{before.where()};
            quic_client client{before, relay.where()};
            RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
            EXPECT_EQ(co_await client.ask("x"), "x");
            relay.lead_to(after.listening().front());
            client.streams().ask("who are you?");
            RW_CO_ASSERT((co_await client.connection().ended()).has_value());
            EXPECT_EQ(client.connection().how_it_ended().reason.code, errc::closed);
            EXPECT_EQ(client.connection().counters().resets_received.get(), 1U);
            EXPECT_GE(restarted.counters().resets_sent.get(), 1U);
            co_await client.close();
            co_await relay.stop();
            co_await site.close();
            co_await restarted.close();
        }(shared, successor);
    });
}

TEST(quic_strangers, garbage_is_counted) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        stranger who;
        who.send(shared.where(), as_bytes("\x40"));
        who.send(shared.where(), as_bytes("\xc0\x01"));
        who.send(shared.where(), long_packet(1, 1200));
        EXPECT_TRUE(
            co_await comes_true([&] { return site.counters().datagrams_received.get() == 3; }));
        EXPECT_GE(site.counters().dropped_malformed.get(), 2U);
        EXPECT_EQ(site.endpoint().size(), 0U);
        co_await site.close();
    });
}

TEST(quic_strangers, a_retry_proves_the_address) {
    quic::server_options options;
    options.retry = quic::retry_mode::always;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic::resumption kept;
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        EXPECT_EQ(co_await client.ask("hello"), "hello");
        EXPECT_EQ(site.counters().retries_sent.get(), 1U);
        EXPECT_EQ(site.counters().tokens_accepted.get(), 1U);
        EXPECT_TRUE(co_await comes_true(
            [&] { return !client.connection().resumption_data().token.empty(); }));
        kept.token = client.connection().resumption_data().token;
        co_await client.close();
        // The token of the connection before saves the round trip.
        quic_client again{shared, shared.where(), {}, kept};
        RW_CO_ASSERT((co_await again.connection().handshake()).has_value());
        EXPECT_EQ(site.counters().retries_sent.get(), 1U);
        EXPECT_EQ(site.counters().tokens_accepted.get(), 2U);
        co_await again.close();
        // A token of nobody is as good as none.
        kept.token[5] ^= std::byte{1};
        quic_client third{shared, shared.where(), {}, kept};
        RW_CO_ASSERT((co_await third.connection().handshake()).has_value());
        EXPECT_EQ(site.counters().retries_sent.get(), 2U);
        EXPECT_EQ(site.counters().tokens_rejected.get(), 1U);
        co_await third.close();
        co_await site.close();
    });
}

// Goal: many unfinished handshakes make us careful, until they are over.
TEST(quic_strangers, retry_above_a_threshold) {
    quic::server_options options;
    options.half_open_before_retry = 2;
    options.half_open_max = 3;
    options.transport.handshake_timeout = 300ms;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay deaf{shared.where()};
        deaf.drop_by(
            [](heading way, std::uint64_t, byte_view) { return way == heading::to_client; });
        quic_client first{shared, deaf.where()};
        udp_relay deaf_too{shared.where()};
        deaf_too.drop_by(
            [](heading way, std::uint64_t, byte_view) { return way == heading::to_client; });
        quic_client second{shared, deaf_too.where()};
        EXPECT_TRUE(co_await comes_true([&] { return shared.group->half_open() == 2; }));
        quic_client third{shared, shared.where()};
        RW_CO_ASSERT((co_await third.connection().handshake()).has_value());
        EXPECT_EQ(site.counters().retries_sent.get(), 1U);
        EXPECT_TRUE(co_await comes_true([&] { return shared.group->half_open() == 0; }));
        EXPECT_EQ(site.counters().handshakes_timed_out.get(), 2U);
        quic_client fourth{shared, shared.where()};
        RW_CO_ASSERT((co_await fourth.connection().handshake()).has_value());
        EXPECT_EQ(site.counters().retries_sent.get(), 1U);
        co_await first.close();
        co_await second.close();
        co_await third.close();
        co_await fourth.close();
        co_await deaf.stop();
        co_await deaf_too.stop();
        co_await site.close();
    });
}

// Goal: who begins handshakes in other people's names takes nobody's place.
TEST(quic_strangers, half_open_ones_do_not_count_as_connections) {
    quic::server_options options;
    options.connections_max = 1;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay deaf{shared.where()};
        deaf.drop_by(
            [](heading way, std::uint64_t, byte_view) { return way == heading::to_client; });
        quic_client spoofed{shared, deaf.where()};
        EXPECT_TRUE(co_await comes_true([&] { return shared.group->half_open() == 1; }));
        quic_client honest{shared, shared.where()};
        EXPECT_TRUE((co_await honest.connection().handshake()).has_value());
        co_await spoofed.close();
        co_await honest.close();
        co_await deaf.stop();
        co_await site.close();
    });
}

// Goal: an address that has not been proved gets at most three times what came from it (RFC 9000
// section 8.1), however long it stays silent.
TEST(quic_strangers, little_is_sent_to_unproved_addresses) {
    quic::server_options options;
    options.retry = quic::retry_mode::never;
    options.transport.handshake_timeout = 700ms;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where()};
        relay.drop_by([](heading way, std::uint64_t index, byte_view) {
            return way == heading::to_client || index >= 1;
        });
        quic_client client{shared, relay.where()};
        EXPECT_TRUE(
            co_await comes_true([&] { return site.counters().handshakes_timed_out.get() == 1; }));
        EXPECT_GT(relay.sent(heading::to_client).bytes, 0U);
        EXPECT_LE(relay.sent(heading::to_client).bytes, 3 * 1252U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

TEST(quic_strangers, limits_and_draining_refuse) {
    quic::server_options options;
    options.connections_max = 1;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client first{shared, shared.where()};
        RW_CO_ASSERT((co_await first.connection().handshake()).has_value());
        quic_client second{shared, shared.where()};
        EXPECT_FALSE((co_await second.connection().handshake()).has_value());
        EXPECT_EQ(second.connection().how_it_ended().code, NGTCP2_CONNECTION_REFUSED);
        EXPECT_TRUE(second.connection().how_it_ended().by_peer);
        co_await second.close();
        site.endpoint().drain();
        EXPECT_TRUE(site.service().latest->drained);
        co_await first.close();
        EXPECT_TRUE(co_await comes_true([&] { return shared.group->open() == 0; }));
        quic_client third{shared, shared.where()};
        EXPECT_FALSE((co_await third.connection().handshake()).has_value());
        co_await third.close();
        co_await site.close();
    });
}

TEST(quic_strangers, the_service_may_refuse) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        site.service().refuses = true;
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().ended()).has_value());
        EXPECT_EQ(client.connection().how_it_ended().code, NGTCP2_CONNECTION_REFUSED);
        EXPECT_EQ(site.counters().connections_refused.get(), 1U);
        co_await client.close();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway
