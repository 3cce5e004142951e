#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ringway/runtime/sleep.hpp>

#include "support/quic_site.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/udp_relay.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using test::comes_true;
using test::quic_client;
using test::quic_service_world;
using test::quic_site;
using test::stream_role;
using test::udp_relay;
using body = task<void>;

// What the shards of a test tell each other.
struct meeting {
    std::atomic<unsigned> sites{0};
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> forwarded{0};
    std::atomic<std::uint64_t> migrations{0};
    std::atomic<std::uint64_t> handshakes{0};
};

class quic_shards : public testing::TestWithParam<std::pair<unsigned, bool>> {};

// The client's end is on shard 0, and its connection on whichever shard the kernel chooses.
task<void> rebind_all_the_time(quic_service_world& world, meeting& all) {
    udp_relay relay{world.where()};
    quic_client client{world, relay.where()};
    RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
    client.streams().verifies_made = true;
    for (int round = 0; round < 12; ++round) {
        const quic::stream_id stream = client.streams().ask("send 3000000\n");
        EXPECT_TRUE(
            co_await comes_true([&] { return client.streams().of(stream).bytes > 1'000'000; }));
        relay.rebind();
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(client.streams().of(stream).bytes, 3'000'000U);
        EXPECT_FALSE(client.streams().of(stream).wrong);
    }
    // The last change may have come when all was received.
    EXPECT_TRUE(co_await client.wait_for(client.streams().ask("send 10\n")));
    co_await client.close();
    co_await relay.stop();
    all.done = true;
}

// Goal: whichever socket the kernel picks for a new port, the connection goes on; by steering, and
// without it by handing datagrams on.
TEST_P(quic_shards, a_clients_port_changes_all_the_time) {
    quic::server_options options;
    options.steer = GetParam().second;
    quic_service_world world{options, GetParam().first};
    meeting all;
    world.run([&all](quic_service_world& shared) -> body {
        return [](quic_service_world& world_, meeting& all_) -> body {
            quic_site site{world_, stream_role::makes};
            ++all_.sites;
            co_await comes_true([&] { return all_.sites == world_.shards; });
            if (shard::current().id() == 0) {
                co_await rebind_all_the_time(world_, all_);
            }
            co_await comes_true([&] { return all_.done.load(); });
            all_.forwarded += site.counters().forwarded_received.get();
            all_.migrations += site.counters().migrations.get();
            all_.handshakes += site.counters().handshakes_done.get();
            co_await site.close();
        }(shared, all);
    });
    EXPECT_EQ(all.handshakes, 1U);
    EXPECT_EQ(all.migrations, 12U);
    if (GetParam().second) {
        EXPECT_EQ(all.forwarded, 0U);
    } else {
        EXPECT_GT(all.forwarded, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(all, quic_shards,
                         testing::Values(std::pair{2U, true}, std::pair{3U, true},
                                         std::pair{2U, false}, std::pair{3U, false}));

// Goal: nothing is left of connections that are gone; `run` compares descriptors and operations.
TEST(quic_server, a_thousand_connections_come_and_go) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        for (unsigned round = 0; round < 50; ++round) {
            std::vector<std::unique_ptr<quic_client>> clients;
            for (unsigned i = 0; i < 20; ++i) {
                clients.push_back(std::make_unique<quic_client>(shared, shared.where()));
            }
            for (const auto& each : clients) {
                RW_CO_ASSERT((co_await each->connection().handshake()).has_value());
                EXPECT_EQ(co_await each->ask("hello"), "hello");
            }
            for (const auto& each : clients) {
                co_await each->close();
            }
        }
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        EXPECT_EQ(site.counters().handshakes_done.get(), 1000U);
        EXPECT_EQ(site.counters().connections_closed.get(), 1000U);
        EXPECT_EQ(site.counters().connections_open.get(), 0);
        co_await site.close();
    });
}

// Goal: late packets of a closed connection are answered ever more rarely, and never with a reset.
TEST(quic_server, closed_connections_are_remembered) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where()};
        bool deaf = false;
        relay.drop_by([&](udp_relay::heading way, std::uint64_t, byte_view) {
            return deaf && way == udp_relay::heading::to_client;
        });
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        EXPECT_EQ(co_await client.ask("x"), "x");
        deaf = true;
        site.service().latest->below().close(7, "over");
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        const auto answers = relay.sent(udp_relay::heading::to_client).datagrams;
        const auto asked = relay.sent(udp_relay::heading::to_server).datagrams;
        for (int i = 0; i < 8; ++i) {
            client.streams().ask("are you there?");
            const auto before = relay.sent(udp_relay::heading::to_server).datagrams;
            EXPECT_TRUE(co_await comes_true(
                [&] { return relay.sent(udp_relay::heading::to_server).datagrams > before; }));
        }
        EXPECT_TRUE(co_await comes_true([&] {
            return site.counters().datagrams_received.get() >=
                   relay.sent(udp_relay::heading::to_server).datagrams;
        }));
        const auto questions = relay.sent(udp_relay::heading::to_server).datagrams - asked;
        EXPECT_GE(questions, 8U);
        EXPECT_TRUE(co_await comes_true(
            [&] { return relay.sent(udp_relay::heading::to_client).datagrams > answers; }));
        EXPECT_LT(relay.sent(udp_relay::heading::to_client).datagrams - answers, questions);
        EXPECT_EQ(site.counters().resets_sent.get(), 0U);
        deaf = false;
        EXPECT_TRUE(co_await comes_true([&] {
            client.streams().ask("and now?");
            return client.streams().over;
        }));
        EXPECT_EQ(client.connection().how_it_ended().code, 7U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

TEST(quic_server, finish_lets_connections_end_and_closes_the_rest) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client stays{shared, shared.where()};
        RW_CO_ASSERT((co_await stays.connection().handshake()).has_value());
        EXPECT_EQ(co_await stays.ask("x"), "x");
        co_await site.close(30ms);
        RW_CO_ASSERT((co_await stays.connection().ended()).has_value());
        EXPECT_TRUE(stays.connection().how_it_ended().by_peer);
        EXPECT_EQ(stays.connection().how_it_ended().reason.code, errc::none);
        co_await stays.close();
    });
}

// Goal: one socket for all addresses answers from the one that was asked, in both families.
TEST(quic_server, every_address) {
    quic_service_world world{{}, 1, endpoint::every_address(0)};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        const std::uint16_t port = shared.where().port();
        for (const std::string host : {"127.0.0.1", "127.0.0.2", "[::1]"}) {
            const endpoint where = parse_endpoint(host + ":1")->with_port(port);
            quic_client client{shared, where};
            RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
            EXPECT_EQ(co_await client.ask(test::pattern(50'000)), test::pattern(50'000));
            EXPECT_TRUE(client.connection().rebind({}).has_value());
            EXPECT_EQ(co_await client.ask("moved"), "moved");
            co_await client.close();
        }
        EXPECT_EQ(site.counters().handshakes_done.get(), 3U);
        EXPECT_EQ(site.counters().migrations.get(), 3U);
        co_await site.close();
    });
}

TEST(quic_server, both_congestion_controls_and_large_datagrams) {
    quic::server_options options;
    options.transport.congestion = quic::congestion_control::bbr;
    options.transport.datagram_bytes_max = 8952;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared, stream_role::makes};
        quic::client_options client_options;
        client_options.transport.congestion = quic::congestion_control::reno;
        quic_client client{shared, shared.where(), client_options};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        client.streams().verifies_made = true;
        const quic::stream_id stream = client.streams().ask("send 20000000\n");
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(client.streams().of(stream).bytes, 20'000'000U);
        EXPECT_FALSE(client.streams().of(stream).wrong);
        // The path takes more than Ethernet does, and that was found out.
        EXPECT_TRUE(co_await comes_true(
            [&] { return site.service().latest_link->facts().datagram_bytes == 8952; }));
        co_await client.close();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway
