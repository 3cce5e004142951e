#include <cerrno>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/net/connect.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

TEST(connect, connects_without_delay_of_small_packets) {
    const auto body = []() -> task<void> {
        const auto listener = open_listener(endpoint::loopback(0));
        const auto fd = co_await connect_to(*local_endpoint(listener->get()));
        RW_CO_ASSERT(fd.has_value());
        int nodelay = 0;
        socklen_t size = sizeof(nodelay);
        ::getsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &size);
        EXPECT_EQ(nodelay, 1);
        EXPECT_EQ(peer_endpoint(*fd)->port(), local_endpoint(listener->get())->port());
        ::close(*fd);
    };
    test::run_on_shard(body());
}

TEST(connect, a_refusal_is_reported) {
    const auto body = []() -> task<void> {
        endpoint where;
        {
            const auto listener = open_listener(endpoint::loopback(0));
            where = *local_endpoint(listener->get());
        }
        const auto refused = co_await connect_to(where);
        EXPECT_EQ(refused.error().sys, ECONNREFUSED);
        const auto missing = co_await connect_to(*parse_endpoint("unix:@ringway-nobody-is-here"));
        EXPECT_EQ(missing.error().sys, ECONNREFUSED);
    };
    test::run_on_shard(body());
}

// Goal: a Unix listener that is busy is waited for, and a stop is told as one.
TEST(connect, waits_for_room_at_a_unix_listener) {
    const auto body = []() -> task<void> {
        const endpoint where = *parse_endpoint("unix:@ringway-busy-listener");
        const auto listener = open_listener(where, {.backlog = 0});
        RW_CO_ASSERT(listener.has_value());
        const unique_fd first{(co_await connect_to(where)).value_or(-1)};
        EXPECT_EQ((co_await with_timeout(20ms, connect_to(where))).error().code, errc::timed_out);
        scope waiting;
        unique_fd second;
        const auto connect = [](endpoint to, unique_fd& into) -> task<void> {
            into = unique_fd{(co_await connect_to(to)).value_or(-1)};
        };
        waiting.spawn(connect(where, second));
        co_await sleep_for(5ms);
        EXPECT_FALSE(second);
        const unique_fd accepted{::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC)};
        co_await waiting.join();
        EXPECT_TRUE(second);
    };
    test::run_on_shard(body());
}

// Goal: an attempt that is stopped leaves no socket behind. A full backlog keeps it waiting.
TEST(connect, a_stopped_attempt_is_cleaned_up) {
    const auto body = []() -> task<void> {
        const auto listener = open_listener(endpoint::loopback(0), {.backlog = 0});
        const endpoint where = *local_endpoint(listener->get());
        std::vector<unique_fd> fillers;
        result<int> last = 0;
        for (int i = 0; i < 10 && last; ++i) {
            last = co_await with_timeout(20ms, connect_to(where));
            if (last) {
                fillers.emplace_back(*last);
            }
        }
        EXPECT_EQ(last.error().code, errc::timed_out);
    };
    test::run_on_shard(body());
}

}  // namespace
}  // namespace ringway
