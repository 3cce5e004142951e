#include <ringway/http/server.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/http_client.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::http {
namespace {

using namespace std::chrono_literals;
using observe::reject_reason;
using test::run_on_shard;

class small_handler final : public handler {
public:
    task<void> respond(const request& asked, response& out) override {
        out.plan.start(200);
        out.text = asked.path == "/large" ? std::string(32'000'000, 'x') : "hello";
        out.plan.headers.add_number("Content-Length", out.text.size());
        out.plan.body = text_body{out.text};
        co_return;
    }
};

// A server on a port of its own, and what ends it.
class running_server {
public:
    explicit running_server(connection_limits limits = {}) : gate_{limits} {
        unique_fd listener = test::tcp_listener();
        port_ = test::port_of(listener.get());
        accepting_.spawn(serving_.accept_on(listener.release(), observe::transport::tcp));
    }

    [[nodiscard]] unique_fd connect() const {
        unique_fd socket = test::connect_to_port(port_);
        EXPECT_TRUE(socket);
        return socket;
    }
    task<void> stop(std::chrono::milliseconds patience) {
        accepting_.request_stop();
        co_await accepting_.join();
        co_await serving_.finish(patience);
        EXPECT_EQ(serving_.size(), 0U);
        EXPECT_EQ(gate_.open(), 0U);
    }
    task<void> wait_for_size(std::size_t wanted) {
        for (int i = 0; i < 2000 && serving_.size() != wanted; ++i) {
            static_cast<void>(co_await sleep_for(1ms));
        }
        EXPECT_EQ(serving_.size(), wanted);
    }

    observe::http_metrics metrics;

private:
    small_handler handler_;
    session_limits limits_;
    session_context context_{handler_, limits_, transfer_method::automatic, metrics, nullptr, 0};
    connection_gate gate_;
    server serving_{context_, gate_};
    scope accepting_;
    int port_ = 0;
};

task<std::string> receive_all(stream& from) {
    std::string all;
    for (;;) {
        const auto piece = co_await from.receive();
        if (!piece || !*piece) {
            co_return all;
        }
        all += as_text(piece->bytes());
    }
}

constexpr std::string_view last_request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST(server, runs_a_session_for_each_connection) {
    const auto run = []() -> task<void> {
        running_server server;
        for (int i = 0; i < 5; ++i) {
            stream client{server.connect().release()};
            static_cast<void>(co_await client.send(as_bytes(last_request)));
            const std::string answer = co_await receive_all(client);
            EXPECT_TRUE(answer.ends_with("hello"));
            co_await client.close();
        }
        co_await server.wait_for_size(0);
        EXPECT_EQ(server.metrics.accepted.get(observe::transport::tcp), 5U);
        co_await server.stop(1s);
    };
    run_on_shard(run());
}

TEST(server, turns_away_who_is_too_many) {
    const auto run = []() -> task<void> {
        running_server server{{.total_max = 2, .per_address_max = 0}};
        stream one{server.connect().release()};
        stream two{server.connect().release()};
        co_await server.wait_for_size(2);
        stream three{server.connect().release()};
        const std::string answer = co_await receive_all(three);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
        EXPECT_EQ(server.metrics.rejected.get(reject_reason::limit_total), 1U);
        co_await three.close();
        co_await one.close();
        co_await server.wait_for_size(1);
        stream four{server.connect().release()};
        static_cast<void>(co_await four.send(as_bytes(last_request)));
        EXPECT_TRUE((co_await receive_all(four)).ends_with("hello"));
        co_await four.close();
        co_await two.close();
        co_await server.stop(1s);
    };
    run_on_shard(run());
}

// Goal: peers on this machine, a proxy perhaps, are not counted as one client.
TEST(server, exempts_loopback_from_the_limit_of_an_address) {
    const auto run = []() -> task<void> {
        running_server server{{.total_max = 100, .per_address_max = 1}};
        std::vector<unique_fd> clients;
        for (int i = 0; i < 5; ++i) {
            clients.push_back(server.connect());
        }
        co_await server.wait_for_size(5);
        clients.clear();
        co_await server.wait_for_size(0);
        co_await server.stop(1s);
    };
    run_on_shard(run());
}

TEST(server, finish_ends_idle_sessions_soon_and_stalled_ones_after_its_patience) {
    const auto run = []() -> task<void> {
        running_server server;
        unique_fd idle = server.connect();
        unique_fd stalled = server.connect();
        test::put(stalled.get(), "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
        co_await server.wait_for_size(2);
        static_cast<void>(co_await sleep_for(20ms));
        const nanoseconds begin = shard::current().io().now();
        co_await server.stop(300ms);
        const nanoseconds took = shard::current().io().now() - begin;
        EXPECT_GE(took, 290ms);
        EXPECT_LT(took, 5s);
        EXPECT_EQ(test::get(idle.get(), 1), "");
    };
    run_on_shard(run());
}

// Goal: without descriptors accepting pauses and goes on later; nobody is lost.
TEST(server, survives_a_lack_of_descriptors) {
    const auto run = []() -> task<void> {
        running_server server;
        unique_fd waiting;
        {
            waiting = server.connect();
            const test::no_more_descriptors none;
            for (int i = 0; i < 2000 && server.metrics.rejected.get(reject_reason::no_fds) == 0;
                 ++i) {
                static_cast<void>(co_await sleep_for(1ms));
            }
        }
        EXPECT_GE(server.metrics.rejected.get(reject_reason::no_fds), 1U);
        EXPECT_LT(server.metrics.rejected.get(reject_reason::no_fds), 100U) << "it spins";
        co_await server.wait_for_size(1);
        test::put(waiting.get(), last_request);
        stream client{waiting.release()};
        EXPECT_TRUE((co_await receive_all(client)).ends_with("hello"));
        co_await client.close();
        co_await server.stop(1s);
    };
    run_on_shard(run());
}

}  // namespace
}  // namespace ringway::http
