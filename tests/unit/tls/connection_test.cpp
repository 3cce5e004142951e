#include <cstddef>
#include <gtest/gtest.h>
#include <malloc.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/tls/connection.hpp>

#include "base/sanitizers.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/tls_pair.hpp"

namespace ringway::tls {
namespace {

using body = task<void>;
using test::receive_all;
using test::run_on_shard;
using test::send_all;
using test::tls_pair;
using test::tls_world;

task<void> exchange(connection& from, connection& to, const std::string& text) {
    scope sending;
    sending.spawn(send_all(from, text));
    const std::string got = co_await receive_all(to, text.size());
    EXPECT_TRUE(got == text);
    co_await sending.join();
}

TEST(tls_connection, carries_bytes_both_ways_and_ends_cleanly) {
    for (const cipher each :
         {cipher::aes_128_gcm, cipher::aes_256_gcm, cipher::chacha20_poly1305}) {
        tls_world world{{.ciphers = {each}}};
        const auto run = [](tls_world& with) -> body {
            tls_pair both{with};
            RW_CO_ASSERT(co_await both.shake_hands());
            const std::string text = test::pattern(1'000'000);
            co_await exchange(both.server, both.client, text);
            co_await exchange(both.client, both.server, text);
            both.server.shutdown_send();
            const auto end = co_await both.client.receive();
            EXPECT_TRUE(end.has_value() && !*end);
            EXPECT_FALSE(both.client.was_truncated());
            // The other direction goes on (RFC 8446 6.1).
            co_await exchange(both.client, both.server, "half closed");
            co_await both.close();
        };
        run_on_shard(run(world));
    }
}

TEST(tls_connection, closing_says_so) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        co_await exchange(both.server, both.client, "text");
        co_await both.server.close();
        const auto end = co_await both.client.receive();
        EXPECT_TRUE(end.has_value() && !*end);
        EXPECT_FALSE(both.client.was_truncated());
        co_await both.client.close();
    };
    run_on_shard(run(world));
}

// Goal: room and commit make the same bytes as put, and an empty flush sends nothing.
TEST(tls_connection, output_can_be_filled_in_place) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_TRUE((co_await both.server.flush()).has_value());
        both.server.put(as_bytes("head "));
        const byte_span room = both.server.room(4);
        EXPECT_EQ(room.size(), 4U);
        std::ranges::copy(as_bytes("body"), room.begin());
        both.server.commit(4);
        EXPECT_EQ(both.server.pending(), 9U);
        EXPECT_TRUE((co_await both.server.flush()).has_value());
        EXPECT_EQ(both.server.pending(), 0U);
        EXPECT_EQ(co_await receive_all(both.client, 9), "head body");
        co_await both.close();
    };
    run_on_shard(run(world));
}

TEST(tls_connection, an_end_without_close_notify_is_told_apart) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        ::shutdown(both.client.fd(), SHUT_WR);
        const auto end = co_await both.server.receive();
        EXPECT_TRUE(end.has_value() && !*end);
        EXPECT_TRUE(both.server.was_truncated());
        co_await both.close();
    };
    run_on_shard(run(world));
}

// Goal: a record that is not authentic ends the connection, and the peer is told why.
TEST(tls_connection, a_bad_record_is_answered_with_an_alert) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        test::put(both.client.fd(), std::string{"\x17\3\3\0\x20", 5} + std::string(32, 'x'));
        const auto got = co_await both.server.receive();
        EXPECT_FALSE(got.has_value());
        EXPECT_EQ(got.error().code, errc::malformed);
        EXPECT_EQ(both.server.problem(), "record layer: alert 20");
        const auto told = co_await both.client.receive();
        EXPECT_FALSE(told.has_value());
        EXPECT_EQ(told.error().code, errc::closed);
        EXPECT_EQ(both.client.problem(), "the peer sent alert 20");
        both.server.put(as_bytes("more"));  // Goes nowhere, and does no harm.
        EXPECT_FALSE((co_await both.server.flush()).has_value());
        co_await both.close();
    };
    run_on_shard(run(world));
    EXPECT_EQ(world.server->counts().alerts_sent, 1U);
}

TEST(tls_connection, a_flush_to_a_peer_that_is_gone_fails) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        co_await both.client.close();
        bool failed = false;
        for (int i = 0; i < 100 && !failed; ++i) {
            both.server.put(as_bytes(std::string(60'000, 'x')));
            failed = !(co_await both.server.flush()).has_value();
        }
        EXPECT_TRUE(failed);
        co_await both.server.close();
    };
    run_on_shard(run(world));
}

// Goal: a stop while receiving loses nothing.
TEST(tls_connection, a_stopped_receive_loses_nothing) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        scope receiving;
        const auto wait = [](connection& at) -> task<void> {
            const auto got = co_await at.receive();
            EXPECT_FALSE(got.has_value());
            EXPECT_EQ(got.error().code, errc::canceled);
        };
        receiving.spawn(wait(both.server));
        receiving.request_stop();
        co_await receiving.join();
        co_await exchange(both.client, both.server, "still here");
        co_await both.close();
    };
    run_on_shard(run(world));
}

// Goal: what an idle connection costs stays small: keys and names, no GnuTLS session, no buffers.
TEST(tls_connection, an_idle_connection_holds_little_memory) {
    if (under_sanitizer) {
        GTEST_SKIP() << "the sanitizers' allocator does not tell";
    }
    tls_world world;
    std::size_t bytes_each = 0;
    const auto run = [](tls_world& with, std::size_t& each) -> body {
        constexpr std::size_t count = 50;
        std::vector<std::unique_ptr<tls_pair>> pairs;
        for (std::size_t i = 0; i < count; ++i) {
            pairs.push_back(std::make_unique<tls_pair>(with));
            RW_CO_ASSERT(co_await pairs.back()->shake_hands());
            co_await exchange(pairs.back()->client, pairs.back()->server, "request");
            co_await exchange(pairs.back()->server, pairs.back()->client, "response");
        }
        for (auto& each_pair : pairs) {
            co_await each_pair->client.close();
        }
        const std::size_t before = ::mallinfo2().uordblks;
        for (auto& each_pair : pairs) {
            co_await each_pair->server.close();
            each_pair->server.~connection();
        }
        each = (before - ::mallinfo2().uordblks) / count;
        for (auto& each_pair : pairs) {
            new (&each_pair->server) connection{::socket(AF_INET, SOCK_STREAM, 0), *with.server};
            co_await each_pair->server.close();
        }
    };
    run_on_shard(run(world, bytes_each));
    RecordProperty("bytes_per_idle_connection", static_cast<int>(bytes_each));
    EXPECT_GT(bytes_each, 0U);
    EXPECT_LT(bytes_each, 8U * 1024U);
}

}  // namespace
}  // namespace ringway::tls
