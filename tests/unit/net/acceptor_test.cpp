#include <cerrno>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/when_any.hpp>
#include <ringway/net/acceptor.hpp>
#include <ringway/net/connect.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using test::comes_true;
using test::run_on_shard;
using namespace std::chrono_literals;

// A listener with clients that connect without waiting for it: the backlog completes the handshake.
struct busy_place {
    busy_place() : listener{*open_listener(endpoint::loopback(0))} {
        where = *local_endpoint(listener.get());
    }
    void connect_clients(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            EXPECT_EQ(::connect(clients.back().get(), where.address(), where.size()), 0);
        }
    }

    unique_fd listener;
    endpoint where;
    std::vector<unique_fd> clients;
};

// Takes `count` connections and closes them.
task<std::size_t> take(acceptor& from, std::size_t count) {
    for (std::size_t taken = 0; taken < count; ++taken) {
        const auto fd = co_await from.accept();
        if (!fd) {
            ADD_FAILURE() << describe(fd.error());
            co_return taken;
        }
        ::close(*fd);
    }
    co_return count;
}

TEST(acceptor, accepts_every_connection_once) {
    const auto body = []() -> task<void> {
        busy_place place;
        place.connect_clients(20);
        acceptor connections{std::move(place.listener)};
        EXPECT_EQ(co_await take(connections, 20), 20U);
        EXPECT_EQ(connections.count(), 20U);
        place.connect_clients(5);
        EXPECT_EQ(co_await take(connections, 5), 5U);
        co_await connections.close();
    };
    run_on_shard(body());
}

// Goal: a consumer that lags holds a bounded number of connections; the others wait in the backlog
// and are not lost.
TEST(acceptor, a_lagging_consumer_leaves_connections_to_the_backlog) {
    const auto body = []() -> task<void> {
        constexpr std::size_t many = acceptor::untaken_max;
        busy_place place;
        acceptor connections{std::move(place.listener)};
        place.connect_clients(1);
        EXPECT_EQ(co_await take(connections, 1), 1U);
        place.connect_clients(many);
        // connect(2) may return before the listener's side of the handshake is done.
        EXPECT_TRUE(co_await comes_true([&] { return connections.untaken() == many; }));
        place.connect_clients(10);
        co_await sleep_for(10ms);
        EXPECT_EQ(connections.untaken(), many);
        EXPECT_EQ(co_await take(connections, many + 10), many + 10);
        co_await connections.close();
    };
    run_on_shard(body());
}

TEST(acceptor, pause_stops_accepting_until_the_next_call) {
    const auto body = []() -> task<void> {
        busy_place place;
        acceptor connections{std::move(place.listener)};
        place.connect_clients(1);
        EXPECT_EQ(co_await take(connections, 1), 1U);
        connections.pause();
        connections.pause();
        co_await sleep_for(2ms);
        place.connect_clients(3);
        co_await sleep_for(5ms);
        EXPECT_EQ(connections.untaken(), 0U);
        EXPECT_EQ(co_await take(connections, 3), 3U);
        co_await connections.close();
    };
    run_on_shard(body());
}

task<result<int>> accept_one(acceptor& from) { co_return co_await from.accept(); }

// Goal: a stop ends the wait and loses no connection.
TEST(acceptor, a_stopped_wait_loses_nothing) {
    const auto body = []() -> task<void> {
        busy_place place;
        acceptor connections{std::move(place.listener)};
        stop_source stop;
        stop_timer limit{stop};
        limit.arm(shard::current().io().now() + 2ms);
        const auto stopped = co_await accept_one(connections).under(stop);
        EXPECT_EQ(stopped.error().code, errc::canceled);
        const auto again = co_await accept_one(connections).under(stop);
        EXPECT_EQ(again.error().code, errc::canceled);
        place.connect_clients(3);
        EXPECT_EQ(co_await take(connections, 3), 3U);
        co_await connections.close();
    };
    run_on_shard(body());
}

TEST(acceptor, close_disposes_of_what_nobody_took) {
    const auto body = []() -> task<void> {
        busy_place place;
        acceptor connections{std::move(place.listener)};
        place.connect_clients(1);
        EXPECT_EQ(co_await take(connections, 1), 1U);
        place.connect_clients(10);
        co_await sleep_for(5ms);
        co_await connections.close();
        char byte = 0;  // The peers see an end, not silence.
        EXPECT_LE(::recv(place.clients.back().get(), &byte, 1, 0), 0);
    };
    run_on_shard(body());
}

TEST(acceptor, close_without_any_accept) {
    const auto body = []() -> task<void> {
        busy_place place;
        acceptor connections{std::move(place.listener)};
        co_await connections.close();
    };
    run_on_shard(body());
}

// Goal: out of descriptors the caller hears of it once per call, the shard does not spin, and
// accepting goes on when there is room again.
TEST(acceptor, exhausted_descriptors_are_reported_and_survived) {
    const auto body = []() -> task<void> {
        busy_place place;
        place.connect_clients(3);
        acceptor connections{std::move(place.listener)};
        std::optional<test::no_more_descriptors> exhausted{std::in_place};
        const auto& counters = shard::current().io().counters();
        constexpr auto accept = static_cast<std::size_t>(op_kind::accept);
        for (int i = 0; i < 3; ++i) {
            const auto refused = co_await connections.accept();
            EXPECT_FALSE(refused.has_value());
            EXPECT_EQ(refused.error().sys, EMFILE);
            const auto submitted = counters.submitted[accept].get();
            co_await sleep_for(3ms);
            EXPECT_EQ(counters.submitted[accept].get(), submitted);
        }
        exhausted.reset();
        EXPECT_EQ(co_await take(connections, 3), 3U);
        co_await connections.close();
    };
    run_on_shard(body());
}

// Goal: a connection that is reset before it is accepted does not end accepting.
TEST(acceptor, connections_that_broke_early_do_no_harm) {
    const auto body = []() -> task<void> {
        busy_place place;
        place.connect_clients(4);
        const linger at_once{1, 0};
        for (auto& client : place.clients) {
            ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        }
        place.clients.clear();
        place.connect_clients(1);
        acceptor connections{std::move(place.listener)};
        EXPECT_EQ(co_await take(connections, 5), 5U);
        co_await connections.close();
    };
    run_on_shard(body());
}

TEST(acceptor, a_dead_listener_is_an_error) {
    const auto body = []() -> task<void> {
        const int unbound = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        acceptor connections{unbound};
        const auto refused = co_await connections.accept();
        EXPECT_EQ(refused.error().sys, EINVAL);
        co_await connections.close();
    };
    run_on_shard(body());
}

// Goal: a listener whose blocking mode does not suit the driver is put right.
TEST(acceptor, blocking_mode_of_an_inherited_listener_does_not_matter) {
    const auto body = []() -> task<void> {
        for (const int flags : {0, static_cast<int>(SOCK_NONBLOCK)}) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
            const endpoint any = endpoint::loopback(0);
            RW_CO_ASSERT(::bind(fd, any.address(), any.size()) == 0 && ::listen(fd, 8) == 0);
            acceptor connections{fd};
            scope clients;
            const auto connect = [](endpoint where) -> task<void> {
                co_await sleep_for(2ms);
                const auto connected = co_await connect_to(where);
                RW_CO_ASSERT(connected.has_value());
                ::close(*connected);
            };
            clients.spawn(connect(*local_endpoint(fd)));
            EXPECT_EQ(co_await take(connections, 1), 1U);
            co_await clients.join();
            co_await connections.close();
        }
    };
    run_on_shard(body());
}

TEST(acceptor, accepts_on_a_unix_socket) {
    const auto body = []() -> task<void> {
        const test::scratch_directory scratch;
        const endpoint where = *parse_endpoint("unix:" + scratch.at("socket"));
        auto listener = open_listener(where);
        RW_CO_ASSERT(listener.has_value());
        acceptor connections{*std::move(listener)};
        const auto client = co_await connect_to(where);
        RW_CO_ASSERT(client.has_value());
        const auto server = co_await connections.accept();
        RW_CO_ASSERT(server.has_value());
        stream near{*client};
        stream far{*server};
        const std::string_view text = "over a Unix socket";
        EXPECT_EQ(*co_await near.send(as_bytes(text)), text.size());
        const auto received = co_await far.receive();
        EXPECT_EQ(as_text(received->bytes()), text);
        co_await near.close();
        co_await far.close();
        co_await connections.close();
    };
    run_on_shard(body());
}

}  // namespace
}  // namespace ringway
