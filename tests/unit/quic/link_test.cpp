#include <gtest/gtest.h>
#include <string>

#include <ngtcp2/ngtcp2.h>

#include "base/resting_memory.hpp"
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

TEST(quic_link, a_handshake_and_an_echo) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(shaken.has_value());
        EXPECT_EQ(co_await client.ask("hello"), "hello");
        EXPECT_EQ(site.service().latest_name, "localhost");
        EXPECT_EQ(site.endpoint().size(), 1U);
        EXPECT_EQ(site.counters().handshakes_done.get(), 1U);
        EXPECT_EQ(site.counters().connections_open.get(), 1);
        EXPECT_EQ(site.counters().tls_sessions_open.get(), 0);
        EXPECT_EQ(client.connection().counters().tls_sessions_open.get(), 1);
        EXPECT_EQ(site.service().latest_link->peer(), client.connection().local());
        EXPECT_EQ(site.service().latest_link->local(), shared.where());
        EXPECT_EQ(site.service().latest_link->cipher_text(), client.connection().cipher_text());
        EXPECT_GT(client.connection().link().facts().smoothed_rtt, 0ns);
        co_await client.close();
        EXPECT_EQ(client.connection().how_it_ended().reason.code, errc::none);
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        co_await site.close();
    });
}

// Whether the connection of `site` rests once more from now on.
task<bool> rests_anew(quic_site& site) {
    const std::uint64_t before = site.counters().rests.get();
    co_return co_await comes_true([&] { return site.counters().rests.get() > before; });
}

// Goal: a silent connection is packed, and whatever happens next finds it as it was.
TEST(quic_link, goes_on_after_resting) {
    if (!resting_memory::can_rest()) {
        GTEST_SKIP() << "under AddressSanitizer nothing rests";
    }
    quic::server_options options;
    options.transport.rest_after = 1ms;
    quic_service_world world{options};
    resting_memory::guard_what_rests(true);
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        EXPECT_TRUE(co_await rests_anew(site));
        EXPECT_EQ(co_await client.ask("hello"), "hello");
        EXPECT_TRUE(co_await rests_anew(site));
        EXPECT_EQ(co_await client.ask(test::pattern(500'000)), test::pattern(500'000));
        EXPECT_TRUE(co_await rests_anew(site));
        EXPECT_TRUE(client.connection().update_keys().has_value());
        EXPECT_EQ(co_await client.ask("other keys"), "other keys");
        EXPECT_TRUE(co_await rests_anew(site));
        relay.rebind();
        EXPECT_EQ(co_await client.ask("another port"), "another port");
        EXPECT_EQ(site.counters().migrations.get(), 1U);
        EXPECT_TRUE(co_await rests_anew(site));
        EXPECT_EQ(site.endpoint().size(), 1U);
        EXPECT_GT(site.service().latest_link->facts().packets_sent, 10U);
        EXPECT_TRUE(co_await rests_anew(site));
        co_await client.close();
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        co_await relay.stop();
        co_await site.close();
    });
    resting_memory::guard_what_rests(false);
}

// Goal: what ends by itself while it rests ends well: by time, and with the server.
TEST(quic_link, ends_while_it_rests) {
    if (!resting_memory::can_rest()) {
        GTEST_SKIP() << "under AddressSanitizer nothing rests";
    }
    quic::server_options options;
    options.transport.rest_after = 1ms;
    options.transport.idle_timeout = 400ms;
    quic_service_world world{options};
    resting_memory::guard_what_rests(true);
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client silent{shared, shared.where()};
        RW_CO_ASSERT((co_await silent.connection().confirmation()).has_value());
        EXPECT_TRUE(co_await comes_true([&] { return site.counters().rests.get() > 0; }));
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        EXPECT_EQ(site.counters().connections_timed_out.get(), 1U);
        const auto before = site.counters().rests.get();
        quic_client other{shared, shared.where()};
        RW_CO_ASSERT((co_await other.connection().confirmation()).has_value());
        EXPECT_TRUE(co_await comes_true([&] { return site.counters().rests.get() > before; }));
        co_await site.close();
        co_await other.close();
        co_await silent.close();
    });
    resting_memory::guard_what_rests(false);
}

TEST(quic_link, many_streams_with_much_data) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        std::vector<quic::stream_id> asked;
        for (std::size_t i = 0; i < 20; ++i) {
            asked.push_back(client.streams().ask(test::pattern(300'000 + i)));
        }
        for (std::size_t i = 0; i < 20; ++i) {
            EXPECT_TRUE(co_await client.wait_for(asked[i]));
            EXPECT_EQ(client.streams().of(asked[i]).text, test::pattern(300'000 + i));
        }
        EXPECT_EQ(client.streams().acknowledged, 20 * 300'000U + 190);
        co_await client.close();
        co_await site.close();
    });
}

// Goal: limits that the peer has set are waited for, of streams as of bytes.
TEST(quic_link, more_streams_than_allowed_at_a_time) {
    quic::server_options options;
    options.transport.streams_bidi = 3;
    options.transport.stream_window = 2000;
    options.transport.connection_window = 4000;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        std::vector<quic::stream_id> asked;
        for (int i = 0; i < 3; ++i) {
            asked.push_back(client.streams().ask(test::pattern(50'000)));
        }
        EXPECT_EQ(client.streams().ask("one too many"), -1);
        for (const quic::stream_id each : asked) {
            EXPECT_TRUE(co_await client.wait_for(each));
            EXPECT_EQ(client.streams().of(each).bytes, 50'000U);
        }
        for (int i = 0; i < 10; ++i) {
            EXPECT_TRUE(co_await comes_true([&] {
                return client.streams()
                    .below()
                    .open_stream(quic::direction::bidirectional)
                    .has_value();
            }));
            client.streams().below().reset_stream(12 + i * 4, 1);
            client.streams().below().stop_reading(12 + i * 4, 1);
        }
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_link, streams_are_reset_and_refused) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared, stream_role::keeps};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        const quic::stream_id stream = client.streams().ask("begun", false);
        RW_CO_ASSERT(co_await comes_true([&] {
            return site.service().latest != nullptr && site.service().latest->of(stream).bytes == 5;
        }));
        client.streams().below().reset_stream(stream, 77);
        EXPECT_TRUE(
            co_await comes_true([&] { return site.service().latest->of(stream).reset == 77U; }));
        const quic::stream_id other = client.streams().ask("begun", false);
        RW_CO_ASSERT(
            co_await comes_true([&] { return site.service().latest->of(other).bytes == 5; }));
        site.service().latest->below().stop_reading(other, 88);
        EXPECT_TRUE(co_await comes_true([&] {
            client.streams().send(other, "more", false);
            return client.streams().of(other).shut;
        }));
        co_await client.close();
        co_await site.close();
    });
}

// Goal: each side hears the other's code and words.
TEST(quic_link, close_codes_arrive) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        EXPECT_EQ(co_await client.ask("x"), "x");
        site.service().latest->below().close(0x1234, "enough");
        RW_CO_ASSERT((co_await client.connection().ended()).has_value());
        const quic::closing& end = client.connection().how_it_ended();
        EXPECT_TRUE(end.by_peer);
        EXPECT_TRUE(end.by_application);
        EXPECT_EQ(end.code, 0x1234U);
        EXPECT_EQ(end.text, "enough");
        co_await client.close();

        quic_client second{shared, shared.where()};
        RW_CO_ASSERT((co_await second.connection().handshake()).has_value());
        EXPECT_EQ(co_await second.ask("x"), "x");
        site.service().latest->fail_next(0x99);
        second.streams().ask("y");
        RW_CO_ASSERT((co_await second.connection().ended()).has_value());
        EXPECT_EQ(second.connection().how_it_ended().code, 0x99U);
        co_await second.close();
        co_await site.close();
    });
}

TEST(quic_link, silence_ends_it_on_both_sides) {
    quic::server_options options;
    options.transport.idle_timeout = 60ms;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        RW_CO_ASSERT((co_await client.connection().ended()).has_value());
        EXPECT_EQ(client.connection().how_it_ended().reason.code, errc::timed_out);
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        EXPECT_EQ(site.counters().connections_timed_out.get(), 1U);
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_link, keys_are_updated_under_way) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        EXPECT_FALSE(client.connection().update_keys().has_value());
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        // An update is possible three probe timeouts after the last one (RFC 9001 section 6.5).
        unsigned updates = 0;
        for (int i = 0; i < 100'000 && updates < 4; ++i) {
            updates += client.connection().update_keys().has_value() ? 1 : 0;
            const std::string text = test::pattern(40'000);
            RW_CO_ASSERT(co_await client.ask(text) == text);
        }
        EXPECT_EQ(updates, 4U);
        EXPECT_GE(site.counters().key_updates.get(), 3U);  // The last is counted later.
        EXPECT_GE(client.connection().counters().key_updates.get(), 3U);
        co_await client.close();
        co_await site.close();
    });
}

class quic_faults : public testing::TestWithParam<test::path_faults> {};

TEST_P(quic_faults, all_bytes_arrive_all_the_same) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where(), GetParam()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(co_await client.ask(test::pattern(100'000)), test::pattern(100'000));
        }
        if (GetParam().lost > 0 || GetParam().spoiled > 0) {
            EXPECT_GT(client.connection().link().facts().packets_lost, 0U);
        }
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

INSTANTIATE_TEST_SUITE_P(
    all, quic_faults,
    testing::Values(test::path_faults{.lost = 50}, test::path_faults{.repeated = 300, .seed = 2},
                    test::path_faults{.reordered = 200, .seed = 3},
                    test::path_faults{.spoiled = 100, .seed = 4},
                    test::path_faults{
                        .lost = 30, .repeated = 30, .reordered = 30, .spoiled = 30, .seed = 5}));

// Goal: a port that changes again and again, as a NAT's, ends nothing.
TEST(quic_link, the_clients_port_changes_under_way) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared, stream_role::makes};
        udp_relay relay{shared.where()};
        quic_client client{shared, relay.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        client.streams().verifies_made = true;
        const quic::stream_id stream = client.streams().ask("send 30000000\n");
        for (std::uint64_t part = 1; part <= 5; ++part) {
            EXPECT_TRUE(co_await comes_true(
                [&] { return client.streams().of(stream).bytes > part * 4'000'000; }));
            relay.rebind();
        }
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(client.streams().of(stream).bytes, 30'000'000U);
        EXPECT_FALSE(client.streams().of(stream).wrong);
        EXPECT_GE(site.counters().migrations.get(), 5U);
        EXPECT_GE(site.counters().path_validations.get(), 1U);
        EXPECT_EQ(site.counters().handshakes_done.get(), 1U);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway
