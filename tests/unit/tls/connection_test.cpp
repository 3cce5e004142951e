#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/tls/connection.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/tls_world.hpp"

namespace ringway::tls {
namespace {

using body = task<void>;
using test::run_on_shard;
using test::tls_world;

// Both ends of a connection over a real socket, on one shard.
struct pair_of_ends {
    explicit pair_of_ends(tls_world& world, byte_view resume = {})
        : pair_of_ends{world, test::tcp_pair(), resume} {}
    pair_of_ends(tls_world& world, test::fd_pair fds, byte_view resume)
        : server{fds.near.release(), *world.server},
          client{fds.far.release(), *world.client, "localhost", resume} {}
    connection server;
    connection client;
};

task<void> shake(connection& end, result<void>& into) { into = co_await end.handshake(); }

// True when both sides say so.
task<bool> shake_hands(pair_of_ends& both) {
    result<void> of_server;
    result<void> of_client;
    scope running;
    running.spawn(shake(both.server, of_server));
    running.spawn(shake(both.client, of_client));
    co_await running.join();
    co_return of_server.has_value() && of_client.has_value();
}

task<void> close(pair_of_ends& both) {
    co_await both.client.close();
    co_await both.server.close();
}

task<void> send_all(connection& from, std::string_view text) {
    while (!text.empty()) {
        const std::size_t piece = std::min(text.size(), from.free_bytes());
        from.put(as_bytes(text.substr(0, piece)));
        text.remove_prefix(piece);
        const auto sent = co_await from.flush();
        EXPECT_TRUE(sent.has_value());
    }
}

task<std::string> receive_all(connection& from, std::size_t bytes_max = SIZE_MAX) {
    std::string all;
    while (all.size() < bytes_max) {
        const auto piece = co_await from.receive();
        EXPECT_TRUE(piece.has_value()) << from.problem();
        if (!piece || !*piece) {
            break;
        }
        all += as_text(piece->bytes());
    }
    co_return all;
}

TEST(tls_connection, carries_bytes_both_ways_and_ends_cleanly) {
    tls_world world{{.alpn = {"h2", "http/1.1"}}, {.alpn = {"http/1.1"}}};
    const auto run = [](tls_world& with) -> body {
        pair_of_ends both{with};
        RW_CO_ASSERT(co_await shake_hands(both));
        EXPECT_EQ(both.server.alpn(), "http/1.1");
        EXPECT_EQ(both.client.alpn(), "http/1.1");
        EXPECT_EQ(both.server.server_name(), "localhost");
        EXPECT_EQ(both.server.protocol(), version::tls_1_3);
        EXPECT_EQ(both.server.cipher_text(), "TLS_AES_128_GCM_SHA256");
        EXPECT_FALSE(both.server.resumed());
        const std::string text = test::pattern(1'000'000);
        for (const bool down : {true, false}) {
            connection& from = down ? both.server : both.client;
            connection& to = down ? both.client : both.server;
            scope sending;
            sending.spawn(send_all(from, text));
            const std::string got = co_await receive_all(to, text.size());
            EXPECT_TRUE(got == text);
            co_await sending.join();
        }
        both.server.shutdown_send();
        const auto end = co_await both.client.receive();
        EXPECT_TRUE(end.has_value() && !*end);
        EXPECT_FALSE(both.client.was_truncated());
        co_await close(both);
    };
    run_on_shard(run(world));
    EXPECT_EQ(world.server->counts().handshakes_tls_1_3, 1U);
}

}  // namespace
}  // namespace ringway::tls
