#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/signals.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using body = task<void>;

bool is_blocked(int signal) {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return ::sigismember(&mask, signal) == 1;
}

TEST(signals, are_values_instead_of_the_end) {
    const auto run = []() -> body {
        auto signals = signal_set::open({SIGTERM, SIGUSR1});
        RW_CO_ASSERT(signals.has_value());
        EXPECT_TRUE(is_blocked(SIGTERM));
        ::kill(::getpid(), SIGUSR1);
        EXPECT_EQ(*co_await signals->next(), SIGUSR1);
        // While it waits, and from elsewhere.
        const auto send = [](int signal) -> task<void> {
            co_await sleep_for(2ms);
            ::kill(::getpid(), signal);
        };
        scope sender;
        sender.spawn(send(SIGTERM));
        EXPECT_EQ(*co_await signals->next(), SIGTERM);
        co_await sender.join();
        signals->close();
        EXPECT_FALSE(is_blocked(SIGTERM));
    };
    test::run_on_shard(run());
}

// Goal: what is pending when nobody wants it any more does not end the process.
TEST(signals, pending_ones_are_dropped_at_the_end) {
    const auto run = []() -> body {
        const auto signals = signal_set::open({SIGTERM});
        ::kill(::getpid(), SIGTERM);
        EXPECT_TRUE(is_blocked(SIGTERM));
        co_return;
    };
    test::run_on_shard(run());
    EXPECT_FALSE(is_blocked(SIGTERM));
}

TEST(signals, waiting_can_be_stopped_and_resumed) {
    const auto run = []() -> body {
        auto signals = signal_set::open({SIGUSR2});
        EXPECT_EQ((co_await with_timeout(2ms, signals->next())).error().code, errc::timed_out);
        ::kill(::getpid(), SIGUSR2);
        EXPECT_EQ(*co_await signals->next(), SIGUSR2);
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
