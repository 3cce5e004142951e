#include <gtest/gtest.h>

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

// One download while the client's port becomes another one `times` times, and the old one deaf.
task<void> download_while_rebound(quic_site& site, udp_relay& relay, quic_client& client,
                                  const endpoint& server, std::uint64_t times) {
    bool deaf = false;
    relay.drop_by([&](udp_relay::heading way, std::uint64_t, byte_view) {
        return deaf && way == udp_relay::heading::to_client;
    });
    client.streams().verifies_made = true;
    const quic::stream_id stream = client.streams().ask("send 40000000\n");
    for (std::uint64_t part = 1; part <= times; ++part) {
        EXPECT_TRUE(co_await comes_true(
            [&] { return client.streams().of(stream).bytes > part * 6'000'000; }));
        // There is a flight: nothing of it arrives any more.
        deaf = true;
        const auto before = relay.sent(udp_relay::heading::to_client).datagrams;
        EXPECT_TRUE(co_await comes_true(
            [&] { return relay.sent(udp_relay::heading::to_client).datagrams > before + 5; }));
        relay.rebind(true);
        client.streams().ask("send 10\n");  // Something goes up, or nobody would ever know.
        EXPECT_TRUE(co_await comes_true([&] { return site.counters().migrations.get() >= part; }));
        // Nothing of the old path counts on the new one.
        const quic::path_facts facts = site.service().latest->below().facts();
        deaf = false;
        EXPECT_LE(facts.bytes_in_flight, 14'720U);
        EXPECT_GE(facts.congestion_window, 12'000U);
        EXPECT_LE(facts.congestion_window, 14'720U);
        EXPECT_EQ(site.service().latest_link->local(), server);
    }
    EXPECT_TRUE(co_await client.wait_for(stream));
    EXPECT_EQ(client.streams().of(stream).bytes, 40'000'000U);
    EXPECT_FALSE(client.streams().of(stream).wrong);
    relay.drop_by({});
}

// Goal: a router that forgets costs a start from the beginning (RFC 9000 section 9.4), not more
// each time.
TEST(quic_link_path, a_flight_to_a_forgotten_port_is_no_congestion) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared, stream_role::makes};
        udp_relay relay{shared.where()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        co_await download_while_rebound(site, relay, client, shared.where(), 3);
        EXPECT_EQ(site.counters().migrations.get(), 3U);
        EXPECT_EQ(site.counters().handshakes_done.get(), 1U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

// Goal: ids are not used up by ports that change, however fast.
TEST(quic_link_path, a_client_without_ids_to_spare_is_followed) {
    quic::server_options options;
    options.transport.connection_ids_max = 2;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared, stream_role::makes};
        udp_relay relay{shared.where()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        client.streams().verifies_made = true;
        const quic::stream_id stream = client.streams().ask("send 20000000\n");
        for (std::uint64_t part = 1; part <= 6; ++part) {
            EXPECT_TRUE(co_await comes_true(
                [&] { return client.streams().of(stream).bytes > part * 2'000'000; }));
            for (int i = 0; i < 3; ++i) {  // Faster than new ids can come.
                relay.rebind(true);
                const auto before = relay.sent(udp_relay::heading::to_server).datagrams;
                client.streams().ask("send 10\n");
                EXPECT_TRUE(co_await comes_true(
                    [&] { return relay.sent(udp_relay::heading::to_server).datagrams > before; }));
            }
        }
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(client.streams().of(stream).bytes, 20'000'000U);
        EXPECT_GE(site.counters().migrations.get(), 6U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

// Goal: a client that was silent keeps what was learned of the path: nothing was lost.
TEST(quic_link_path, nothing_in_flight_nothing_begins_anew) {
    quic::server_options options;
    options.transport.path_mtu_discovery = false;  // Its probes would be in flight.
    options.transport.datagram_bytes_max = 1452;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        EXPECT_TRUE(co_await client.ask(test::pattern(100'000)) == test::pattern(100'000));
        RW_CO_ASSERT(co_await comes_true(
            [&] { return site.service().latest->below().facts().bytes_in_flight == 0; }));
        bool deaf = true;
        relay.drop_by([&](udp_relay::heading way, std::uint64_t, byte_view) {
            return deaf && way == udp_relay::heading::to_client;
        });
        relay.rebind(true);
        const quic::stream_id stream = client.streams().ask("x");
        EXPECT_TRUE(co_await comes_true([&] { return site.counters().migrations.get() == 1; }));
        EXPECT_GT(site.service().latest->below().facts().min_rtt, 0ns);
        deaf = false;
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(site.counters().migrations.get(), 1U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway
