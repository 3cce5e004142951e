#include <cerrno>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/net/datagram.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using body = task<void>;

byte_span room_in(std::string& text) {
    return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

endpoint loopback_of(int family) {
    return family == AF_INET ? endpoint::loopback(0) : *parse_endpoint("[::1]:0");
}

task<void> exchange(int family) {
    auto server = datagram_socket::open(loopback_of(family), {.with_facts = true});
    auto client = datagram_socket::open(loopback_of(family));
    if (!server) {
        co_return;  // Without IPv6 there is nothing to see.
    }
    const endpoint where = *local_endpoint(server->fd());
    std::string room(100, '?');
    const datagram_target target{.to = &where, .ecn = 2};
    EXPECT_EQ(*co_await client->send(as_bytes("hello"), target), 5U);
    const auto got = co_await server->receive(room_in(room));
    RW_CO_ASSERT(got.has_value());
    EXPECT_EQ(room.substr(0, got->bytes), "hello");
    EXPECT_EQ(got->segment, 5U);
    EXPECT_EQ(got->ecn, 2);
    EXPECT_FALSE(got->truncated);
    EXPECT_EQ(got->from, *local_endpoint(client->fd()));
    EXPECT_EQ(got->to.with_port(where.port()), where);
    EXPECT_NE(got->interface, 0U);

    // The answer leaves from the address that was asked.
    EXPECT_EQ(*co_await server->send(as_bytes("answer"), {.to = &got->from, .from = &got->to}), 6U);
    const auto answer = co_await client->receive(room_in(room));
    EXPECT_EQ(answer->from, where);
}

TEST(datagram, facts_come_and_go_with_the_bytes) {
    test::run_on_shard(exchange(AF_INET));
    test::run_on_shard(exchange(AF_INET6));
}

TEST(datagram, one_socket_serves_both_families) {
    const auto run = []() -> body {
        auto server = datagram_socket::open(endpoint::every_address(0), {.with_facts = true});
        RW_CO_ASSERT(server.has_value());
        const std::uint16_t port = local_endpoint(server->fd())->port();
        auto client = datagram_socket::open(endpoint::loopback(0));
        const endpoint where = endpoint::loopback(port);
        EXPECT_TRUE((co_await client->send(as_bytes("4"), {.to = &where, .ecn = 1})).has_value());
        std::string room(10, '?');
        const auto got = co_await server->receive(room_in(room));
        RW_CO_ASSERT(got.has_value());
        EXPECT_EQ(got->ecn, 1);
        const auto sent =
            co_await server->send(as_bytes("5"), {.to = &got->from, .from = &got->to, .ecn = 1});
        EXPECT_EQ(sent.value_or(0), 1U);
        EXPECT_EQ((co_await client->receive(room_in(room)))->from, where);
    };
    test::run_on_shard(run());
}

// Goal: one send becomes many datagrams, and one receive takes many, with the cuts in the places
// that both sides agree on.
TEST(datagram, segments_are_cut_and_coalesced_by_the_kernel) {
    const auto run = []() -> body {
        auto server = datagram_socket::open(endpoint::loopback(0), {.coalesce = true});
        auto client = datagram_socket::open(endpoint::loopback(0));
        RW_CO_ASSERT(server.has_value() && client.has_value());
        EXPECT_TRUE(client->connect(*local_endpoint(server->fd())).has_value());
        const std::string text = test::pattern(10 * 1200 + 300);
        const auto sent = co_await client->send(as_bytes(text), {.segment = 1200});
        RW_CO_ASSERT(sent.has_value());
        EXPECT_EQ(*sent, text.size());
        std::string all;
        while (all.size() < text.size()) {
            std::string room(65536, '?');
            const auto got = co_await server->receive(room_in(room));
            RW_CO_ASSERT(got.has_value() && got->bytes > 0);
            EXPECT_TRUE(got->segment == 1200 || got->segment == got->bytes);
            all += room.substr(0, got->bytes);
        }
        EXPECT_EQ(all, text);
    };
    test::run_on_shard(run());
}

TEST(datagram, what_does_not_fit_is_said) {
    const auto run = []() -> body {
        auto server = datagram_socket::open(endpoint::loopback(0));
        auto client = datagram_socket::open(endpoint::loopback(0), {.dont_fragment = true});
        const endpoint where = *local_endpoint(server->fd());
        std::string room(3, '?');
        EXPECT_TRUE((co_await client->send(as_bytes("hello"), {.to = &where})).has_value());
        const auto cut = co_await server->receive(room_in(room));
        EXPECT_TRUE(cut->truncated);
        EXPECT_EQ(cut->bytes, 3U);
        const std::string huge(70'000, 'x');
        EXPECT_EQ((co_await client->send(as_bytes(huge), {.to = &where})).error().sys, EMSGSIZE);
    };
    test::run_on_shard(run());
}

TEST(datagram, errors_of_the_peer_are_told_and_survived) {
    const auto run = []() -> body {
        auto client = datagram_socket::open(endpoint::loopback(0));
        {
            auto gone = datagram_socket::open(endpoint::loopback(0));
            EXPECT_TRUE(client->connect(*local_endpoint(gone->fd())).has_value());
        }
        EXPECT_TRUE((co_await client->send(as_bytes("x"))).has_value());
        std::string room(10, '?');
        EXPECT_EQ((co_await client->receive(room_in(room))).error().sys, ECONNREFUSED);
        const auto nothing = co_await with_timeout(3ms, client->receive(room_in(room)));
        EXPECT_EQ(nothing.error().code, errc::timed_out);
    };
    test::run_on_shard(run());
}

TEST(datagram, ports_are_shared_only_when_asked) {
    const auto run = []() -> body {
        auto first = datagram_socket::open(endpoint::loopback(0), {.reuse_port = true});
        const endpoint where = *local_endpoint(first->fd());
        EXPECT_EQ(datagram_socket::open(where).error().sys, EADDRINUSE);
        EXPECT_TRUE(datagram_socket::open(where, {.reuse_port = true}).has_value());
        const auto sized = datagram_socket::open(endpoint::loopback(0),
                                                 {.receive_bytes = 100'000, .send_bytes = 100'000});
        EXPECT_TRUE(sized.has_value());
        co_return;
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
