#include <array>
#include <gtest/gtest.h>
#include <span>
#include <string>

#include <ngtcp2/ngtcp2.h>

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
using test::udp_relay;
using body = task<void>;

TEST(quic_client, moves_to_another_address_and_is_rebound) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        EXPECT_EQ(co_await client.ask("one"), "one");
        const endpoint before = client.connection().local();
        EXPECT_TRUE(co_await comes_true(
            [&] { return client.connection().migrate(endpoint::loopback(0)).has_value(); }));
        EXPECT_TRUE(co_await comes_true([&] { return !(client.connection().local() == before); }));
        EXPECT_EQ(co_await client.ask("two"), "two");
        EXPECT_EQ(site.service().latest_link->peer(), client.connection().local());
        for (int i = 0; i < 8; ++i) {
            EXPECT_TRUE(client.connection().rebind(endpoint::loopback(0)).has_value());
            EXPECT_EQ(co_await client.ask(test::pattern(30'000)), test::pattern(30'000));
        }
        EXPECT_EQ(site.counters().migrations.get(), 9U);
        EXPECT_TRUE(co_await comes_true([&] { return site.service().latest->migrations == 9; }));
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_client, stays_where_the_server_allows_no_migration) {
    quic::server_options options;
    options.transport.active_migration = false;
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        for (int i = 0; i < 20; ++i) {  // Nor does asking cost it the sockets that it has.
            EXPECT_EQ(client.connection().migrate(endpoint::loopback(0)).error(),
                      (error{errc::not_permitted, 0}));
        }
        EXPECT_EQ(co_await client.ask("one"), "one");
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_client, an_early_migration_may_be_asked_for_again) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        for (int i = 0; i < 20; ++i) {  // As long as the server has not given enough ids.
            static_cast<void>(client.connection().migrate(endpoint::loopback(0)));
        }
        EXPECT_EQ(co_await client.ask("one"), "one");
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_client, follows_the_preferred_address) {
    quic::server_options options;
    options.preferred_v4 = endpoint::loopback(0);
    quic_service_world world{options};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        RW_CO_ASSERT(shared.group->listening().size() == 2);
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().confirmation()).has_value());
        const endpoint preferred = shared.group->listening()[1];
        EXPECT_TRUE(
            co_await comes_true([&] { return client.connection().link().peer() == preferred; }));
        EXPECT_EQ(co_await client.ask("there"), "there");
        EXPECT_EQ(site.service().latest_link->local(), preferred);
        co_await client.close();
        co_await site.close();
    });
}

task<quic::resumption> first_visit(quic_service_world& world) {
    quic_client client{world, world.where()};
    EXPECT_TRUE((co_await client.connection().handshake()).has_value());
    quic::resumption kept;
    EXPECT_TRUE(co_await comes_true([&] {
        kept = client.connection().resumption_data();
        return !kept.session.empty() && !kept.token.empty() && !kept.parameters.empty();
    }));
    co_await client.close();
    co_return kept;
}

TEST(quic_client, a_second_connection_sends_at_once) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        const quic::resumption kept = co_await first_visit(shared);
        quic_client client{shared, shared.where(), {}, kept};
        RW_CO_ASSERT(client.has_streams() && client.streams().ready);
        const quic::stream_id stream = client.streams().ask("early");
        EXPECT_TRUE(co_await client.wait_for(stream));
        EXPECT_EQ(client.streams().of(stream).text, "early");
        EXPECT_EQ(site.service().latest->of(stream).early, 5U);
        EXPECT_TRUE(client.connection().early_data_accepted());
        EXPECT_TRUE(client.connection().resumed());
        EXPECT_EQ(site.counters().early_data_accepted.get(), 1U);
        EXPECT_EQ(site.counters().early_data_refused.get(), 0U);
        EXPECT_EQ(site.counters().tokens_accepted.get(), 1U);
        EXPECT_EQ(site.counters().handshakes_resumed.get(), 1U);
        co_await client.close();
        co_await site.close();
    });
}

// Goal: a server that has changed its settings refuses, and the client begins anew.
TEST(quic_client, refused_early_data_is_told) {
    quic_service_world world;
    auto other = quic::server_group::make(*world.tls.server, {.remembered = "other"}, 1);
    ASSERT_TRUE(other.has_value());
    quic::server_group& changed = **other;
    world.run([&changed](quic_service_world& shared) -> body {
        return [](quic_service_world& before, quic::server_group& after) -> body {
            const std::array where{endpoint::loopback(0)};
            RW_CO_ASSERT(after.listen(where).has_value());
            quic_site site{before};
            quic_site new_site{after};
            const quic::resumption kept = co_await first_visit(before);
            quic_client client{before, after.listening().front(), {}, kept};
            RW_CO_ASSERT(client.has_streams());
            EXPECT_GE(client.streams().ask("refused"), 0);
            RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
            EXPECT_TRUE(client.streams().early_refused);
            EXPECT_FALSE(client.connection().early_data_accepted());
            EXPECT_EQ(co_await client.ask("again"), "again");
            EXPECT_EQ(new_site.counters().early_data_accepted.get(), 0U);
            EXPECT_EQ(new_site.counters().early_data_refused.get(), 1U);
            co_await client.close();
            co_await site.close();
            co_await new_site.close();
        }(shared, changed);
    });
}

TEST(quic_client, says_what_is_wrong_with_the_certificate) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where(), {}, {}, "elsewhere.example"};
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(!shaken.has_value());
        EXPECT_EQ(shaken.error().code, errc::malformed);
        EXPECT_NE(client.connection().how_it_ended().text, "");
        EXPECT_GE(client.connection().how_it_ended().code, 0x100U);  // A TLS alert.
        co_await client.close();
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        EXPECT_EQ(site.counters().handshakes_failed.get(), 1U);
        co_await site.close();
    });
}

TEST(quic_client, nobody_listens) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        endpoint nobody;
        {
            auto bound = datagram_socket::bind(endpoint::loopback(0));
            nobody = *local_endpoint(bound->get());
        }
        quic_site site{shared};
        quic_client client{shared, nobody};
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(!shaken.has_value());
        EXPECT_EQ(shaken.error().code, errc::closed);
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_client, a_server_without_a_version_of_ours) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        auto other = datagram_socket::adopt(*datagram_socket::bind(endpoint::loopback(0)));
        quic_client client{shared, *local_endpoint(other.fd())};
        RW_CO_ASSERT((co_await other.readable()).has_value());
        std::array<std::byte, 2048> room;
        const auto got = other.receive_now(room);
        RW_CO_ASSERT(got.has_value());
        ngtcp2_version_cid head{};
        const auto* const first = reinterpret_cast<const std::uint8_t*>(room.data());
        RW_CO_ASSERT(ngtcp2_pkt_decode_version_cid(&head, first, got->bytes, 0) == 0);
        std::array<std::uint8_t, 200> answer;
        const std::uint32_t future = 0x7a7a7a01;
        const auto size =
            ngtcp2_pkt_write_version_negotiation(answer.data(), answer.size(), 1, head.scid,
                                                 head.scidlen, head.dcid, head.dcidlen, &future, 1);
        EXPECT_TRUE(
            other
                .send_now(std::as_bytes(std::span{answer}).first(static_cast<std::size_t>(size)),
                          {.to = &got->from})
                .has_value());
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(!shaken.has_value());
        EXPECT_EQ(shaken.error().code, errc::unsupported);
        co_await client.close();
        co_await site.close();
    });
}

TEST(quic_client, gives_up_when_nobody_answers) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where(), {.lost = 1000}};
        quic::client_options options;
        options.transport.handshake_timeout = 80ms;
        quic_client client{shared, relay.where(), options};
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(!shaken.has_value());
        EXPECT_EQ(shaken.error().code, errc::timed_out);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

TEST(quic_client, a_stop_ends_the_wait_and_not_the_connection) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        udp_relay relay{shared.where(), {.lost = 1000}};
        quic_client client{shared, relay.where()};
        const auto shaken = co_await with_timeout(20ms, client.connection().handshake());
        RW_CO_ASSERT(!shaken.has_value());
        EXPECT_EQ(shaken.error().code, errc::timed_out);
        co_await client.close();
        co_await relay.stop();
        co_await site.close();
    });
}

TEST(quic_client, begins_with_the_version_of_its_choice) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client both{shared, shared.where()};
        RW_CO_ASSERT((co_await both.connection().handshake()).has_value());
        EXPECT_EQ(both.connection().version_in_use(), NGTCP2_PROTO_VER_V1);
        co_await both.close();
        quic::client_options only_second;
        only_second.versions = {quic::version::v2};
        quic_client two{shared, shared.where(), only_second};
        RW_CO_ASSERT((co_await two.connection().handshake()).has_value());
        EXPECT_EQ(two.connection().version_in_use(), NGTCP2_PROTO_VER_V2);
        EXPECT_EQ(co_await two.ask("two"), "two");
        co_await two.close();
        co_await site.close();
    });
}

TEST(quic_client, goes_on_in_the_version_that_the_server_prefers) {
    quic::server_options server;
    server.prefer_version_2 = true;
    quic_service_world world{server};
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic::client_options only_first;
        only_first.versions = {quic::version::v1};
        quic_client one{shared, shared.where(), only_first};
        RW_CO_ASSERT((co_await one.connection().handshake()).has_value());
        EXPECT_EQ(one.connection().version_in_use(), NGTCP2_PROTO_VER_V1);
        co_await one.close();
        // Version 1 begins, and both can do 2 (RFC 9368 section 2.3).
        quic_client both{shared, shared.where()};
        RW_CO_ASSERT((co_await both.connection().handshake()).has_value());
        EXPECT_EQ(both.connection().version_in_use(), NGTCP2_PROTO_VER_V2);
        EXPECT_EQ(co_await both.ask("two"), "two");
        co_await both.close();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway
