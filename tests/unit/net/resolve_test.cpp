#include <ringway/net/resolve.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

// A port of 127.0.0.1 where nobody listens: it was given to us a moment ago.
std::uint16_t dead_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const endpoint any = endpoint::loopback(0);
    EXPECT_EQ(::bind(fd, any.address(), any.size()), 0);
    const std::uint16_t port = local_endpoint(fd)->port();
    ::close(fd);
    return port;
}

struct listening_socket {
    listening_socket() : fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const endpoint any = endpoint::loopback(0);
        EXPECT_EQ(::bind(fd, any.address(), any.size()), 0);
        EXPECT_EQ(::listen(fd, 16), 0);
    }
    listening_socket(const listening_socket&) = delete;
    listening_socket& operator=(const listening_socket&) = delete;
    ~listening_socket() { ::close(fd); }
    [[nodiscard]] endpoint where() const { return *local_endpoint(fd); }
    int fd;
};

// Accepts one connection into its queue, and leaves all others without an answer.
struct silent_socket : listening_socket {
    silent_socket() {
        EXPECT_EQ(::listen(fd, 0), 0);
        const endpoint to = where();
        for (int& each : queued) {
            each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            static_cast<void>(::connect(each, to.address(), to.size()));
        }
    }
    silent_socket(const silent_socket&) = delete;
    silent_socket& operator=(const silent_socket&) = delete;
    ~silent_socket() {
        for (const int each : queued) {
            ::close(each);
        }
    }
    int queued[3]{};
};

TEST(resolve, addresses_need_no_look_up) {
    const auto found = run_on_shard(resolve("127.0.0.1", 80));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, std::vector{endpoint::loopback(80)});
    const auto six = run_on_shard(resolve("::1", 8080));
    ASSERT_TRUE(six);
    EXPECT_EQ(six->front().to_text(), "[::1]:8080");
}

TEST(resolve, unknown_names_are_not_found) {
    std::string words;
    const auto found = run_on_shard(resolve("no-such-host.invalid", 80, &words));
    ASSERT_FALSE(found);
    EXPECT_FALSE(words.empty());
}

task<result<int>> connect_and_close(std::vector<endpoint> to) {
    const auto made = co_await connect_to_any(to, std::chrono::milliseconds{50});
    if (!made) {
        co_return std::unexpected{made.error()};
    }
    driver::current().close_now(made->fd);
    co_return static_cast<int>(made->peer.port());
}

TEST(resolve, an_address_that_refuses_is_passed_over) {
    const listening_socket there;
    const auto port =
        run_on_shard(connect_and_close({endpoint::loopback(dead_port()), there.where()}));
    ASSERT_TRUE(port);
    EXPECT_EQ(*port, there.where().port());
}

// Goal: an address that never answers costs one stagger, not the kernel's two minutes.
TEST(resolve, an_address_that_is_silent_is_overtaken) {
    const listening_socket there;
    const silent_socket silent;
    const auto began = std::chrono::steady_clock::now();
    const auto port = run_on_shard(connect_and_close({silent.where(), there.where()}));
    ASSERT_TRUE(port);
    EXPECT_EQ(*port, there.where().port());
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
}

TEST(resolve, the_last_failure_is_told) {
    const auto port = run_on_shard(connect_and_close({endpoint::loopback(dead_port())}));
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().sys, ECONNREFUSED);
    EXPECT_EQ(run_on_shard(connect_and_close({})).error().code, errc::not_found);
}

task<result<int>> connect_briefly(endpoint to) {
    co_return co_await with_timeout(std::chrono::milliseconds{30}, connect_and_close({to}));
}

TEST(resolve, a_stop_ends_all_attempts) {
    const silent_socket silent;
    const auto port = run_on_shard(connect_briefly(silent.where()));
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, errc::timed_out);
}

}  // namespace
}  // namespace ringway
