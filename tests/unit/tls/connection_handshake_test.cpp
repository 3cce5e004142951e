#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/tls/connection.hpp>

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

TEST(tls_handshake, agrees_on_what_was_offered) {
    tls_world world{{.alpn = {"h2", "http/1.1"}}, {.alpn = {"http/1.1", "h2"}}};
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_EQ(both.server.alpn(), "h2");  // The server's preference.
        EXPECT_EQ(both.client.alpn(), "h2");
        EXPECT_EQ(both.server.server_name(), "localhost");
        EXPECT_EQ(both.server.protocol(), version::tls_1_3);
        EXPECT_EQ(both.server.cipher_text(), "TLS_AES_128_GCM_SHA256");
        EXPECT_FALSE(both.server.resumed());
        RW_CO_ASSERT(both.server.shown_policy() != nullptr);
        EXPECT_TRUE(both.server.shown_policy()->covers("localhost"));
        EXPECT_EQ(both.client.shown_policy(), nullptr);
        co_await both.close();
    };
    run_on_shard(run(world));
    EXPECT_EQ(world.server->counts().handshakes_tls_1_3, 1U);
    EXPECT_EQ(world.server->counts().handshakes_failed, 0U);
}

TEST(tls_handshake, a_client_without_alpn_is_served) {
    tls_world world{{.alpn = {"h2"}}};
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        EXPECT_TRUE(co_await both.shake_hands());
        EXPECT_EQ(both.server.alpn(), "");
        co_await both.close();
    };
    run_on_shard(run(world));
}

TEST(tls_handshake, no_protocol_in_common_is_refused) {
    tls_world world{{.alpn = {"h2"}}, {.alpn = {"imap"}}};
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        EXPECT_FALSE(co_await both.shake_hands());
        EXPECT_EQ(both.server_outcome.error().code, errc::malformed);
        EXPECT_EQ(both.client_outcome.error().code, errc::malformed);
        EXPECT_NE(both.client.problem().find("No supported application protocol"),
                  std::string_view::npos)
            << both.client.problem();
        co_await both.close();
    };
    run_on_shard(run(world));
    EXPECT_EQ(world.server->counts().handshakes_failed, 1U);
    EXPECT_EQ(world.server->counts().alerts_sent, 1U);
}

// Goal: tickets work, also when the certificates were loaded anew for the same names; and not with
// those of another name, or another key.
TEST(tls_handshake, sessions_are_resumed) {
    tls_world world;
    std::vector<std::byte> ticket;
    const auto first = [](tls_world& with, std::vector<std::byte>& into) -> body {
        tls_pair both{with};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_TRUE(both.client.resumption_data().empty());  // No ticket was read yet.
        co_await send_all(both.server, "x");
        EXPECT_EQ(co_await receive_all(both.client, 1), "x");
        into = both.client.resumption_data();
        EXPECT_FALSE(into.empty());
        co_await both.close();
    };
    const auto again = [](tls_world& with, const std::vector<std::byte>& data,
                          bool wanted) -> body {
        tls_pair both{with, "localhost", data};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_EQ(both.server.resumed(), wanted);
        EXPECT_EQ(both.client.resumed(), wanted);
        co_await send_all(both.server, "y");
        EXPECT_EQ(co_await receive_all(both.client, 1), "y");
        EXPECT_FALSE(both.client.resumption_data().empty());
        co_await both.close();
    };
    run_on_shard(first(world, ticket));
    run_on_shard(again(world, ticket, true));
    world.certificates.replace(world.certificates.current());
    run_on_shard(again(world, ticket, true));
    EXPECT_EQ(world.server->counts().handshakes_resumed, 2U);

    auto other_key = server_context::make(world.certificates, {});
    ASSERT_TRUE(other_key.has_value());
    world.server = *std::move(other_key);
    run_on_shard(again(world, ticket, false));
}

// Goal: a ticket of one name is no use under another.
TEST(tls_handshake, tickets_are_bound_to_the_names) {
    tls_world world{{}, {.verify = false}};
    world.certificates.replace(test::certificates_for({{"one.test"}, {"two.test"}}));
    std::vector<std::byte> ticket;
    const auto visit = [](tls_world& with, std::string_view host, std::vector<std::byte>& data,
                          bool resumed) -> body {
        tls_pair both{with, host, data};
        RW_CO_ASSERT(co_await both.shake_hands());
        EXPECT_TRUE(both.server.shown_policy()->covers(host));
        EXPECT_EQ(both.server.resumed(), resumed);
        co_await send_all(both.server, "x");
        EXPECT_EQ(co_await receive_all(both.client, 1), "x");
        if (data.empty()) {
            data = both.client.resumption_data();
        }
        co_await both.close();
    };
    run_on_shard(visit(world, "one.test", ticket, false));
    ASSERT_FALSE(ticket.empty());
    run_on_shard(visit(world, "one.test", ticket, true));
    run_on_shard(visit(world, "two.test", ticket, false));
}

TEST(tls_handshake, a_client_refuses_a_certificate_of_another_host) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with, "example.org"};
        EXPECT_FALSE(co_await both.shake_hands());
        EXPECT_EQ(both.client_outcome.error().code, errc::malformed);
        EXPECT_TRUE(both.client.problem().contains("does not match")) << both.client.problem();
        co_await both.close();
    };
    run_on_shard(run(world));
}

TEST(tls_handshake, a_client_refuses_a_certificate_it_does_not_trust) {
    tls_world world;
    world.certificates.replace(test::certificates_for({{"localhost"}}));
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        EXPECT_FALSE(co_await both.shake_hands());
        EXPECT_EQ(both.client_outcome.error().code, errc::malformed);
        co_await both.close();
    };
    run_on_shard(run(world));
}

TEST(tls_handshake, an_address_can_be_the_host) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with, "127.0.0.1"};
        EXPECT_TRUE(co_await both.shake_hands());
        EXPECT_EQ(both.server.server_name(), "");
        co_await both.close();
    };
    run_on_shard(run(world));
}

// Goal: what is no record is told apart, and left to who knows what it is.
TEST(tls_handshake, what_is_no_tls_is_left_to_the_caller) {
    tls_world world;
    for (const std::string_view text : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x80\x2e\1", "x"}) {
        const auto run = [](tls_world& with, std::string_view foreign) -> body {
            auto fds = test::tcp_pair();
            connection server{fds.near.release(), *with.server};
            test::put(fds.far.get(), foreign);
            const auto outcome = co_await server.handshake();
            EXPECT_FALSE(outcome.has_value());
            EXPECT_EQ(outcome.error().code, errc::malformed);
            EXPECT_EQ(server.foreign_byte(), static_cast<std::byte>(foreign.front()));
            co_await server.close();
            EXPECT_EQ(test::get(fds.far.get(), 100), "");
        };
        run_on_shard(run(world, text));
    }
    EXPECT_EQ(world.server->counts().handshakes_failed, 3U);
}

// Goal: records that make no sense are refused, with an alert that anybody can read.
TEST(tls_handshake, garbage_is_refused_with_an_alert) {
    tls_world world;
    for (const std::string_view text :
         {std::string_view{"\x15\3\3\0\1x", 6}, std::string_view{"\x16\3\1\0\5\1\0\0\1\0", 10},
          std::string_view{"\x16\3\1\xff\xff", 5}, std::string_view{"\x17\3\3\0\1x", 6}}) {
        const auto run = [](tls_world& with, std::string_view garbage) -> body {
            auto fds = test::tcp_pair();
            connection server{fds.near.release(), *with.server};
            test::put(fds.far.get(), garbage);
            const auto outcome = co_await server.handshake();
            EXPECT_FALSE(outcome.has_value());
            EXPECT_EQ(outcome.error().code, errc::malformed);
            EXPECT_FALSE(server.problem().empty());
            EXPECT_EQ(server.foreign_byte(), std::byte{0});
            co_await server.close();
            const std::string told = test::get(fds.far.get(), 100);
            RW_CO_ASSERT(told.size() == 7);
            EXPECT_EQ(told[0], 21);
            EXPECT_EQ(told[5], 2);
        };
        run_on_shard(run(world, text));
    }
    EXPECT_EQ(world.server->counts().handshakes_failed, 4U);
}

TEST(tls_handshake, a_peer_that_leaves_or_a_stop_ends_it) {
    tls_world world;
    const auto run = [](tls_world& with) -> body {
        auto fds = test::tcp_pair();
        connection server{fds.near.release(), *with.server};
        ::shutdown(fds.far.get(), SHUT_WR);
        const auto outcome = co_await server.handshake();
        EXPECT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code, errc::closed);
        co_await server.close();

        auto more = test::tcp_pair();
        connection waiting{more.near.release(), *with.server};
        const auto wait = [](connection& at) -> task<void> {
            const auto stopped = co_await at.handshake();
            EXPECT_FALSE(stopped.has_value());
            EXPECT_EQ(stopped.error().code, errc::canceled);
        };
        scope handshaking;
        handshaking.spawn(wait(waiting));
        handshaking.request_stop();
        co_await handshaking.join();
        co_await waiting.close();
    };
    run_on_shard(run(world));
    EXPECT_EQ(world.server->counts().handshakes_left, 2U);
}

}  // namespace
}  // namespace ringway::tls
