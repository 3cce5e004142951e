#include <chrono>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using body = task<void>;

nanoseconds now() { return shard::current().io().now(); }

task<result<void>> nap(nanoseconds duration) { co_return co_await sleep_for(duration); }

TEST(sleep, is_never_early_and_in_order) {
    const auto run = []() -> body {
        std::vector<int> woken;
        const auto sleeper = [](int number, nanoseconds duration,
                                std::vector<int>& log) -> task<void> {
            const nanoseconds begin = now();
            EXPECT_TRUE((co_await sleep_for(duration)).has_value());
            EXPECT_GE(now() - begin, duration);
            log.push_back(number);
        };
        scope all;
        all.spawn(sleeper(3, 9ms, woken));
        all.spawn(sleeper(1, 1ms, woken));
        all.spawn(sleeper(2, 5ms, woken));
        all.spawn(sleeper(0, 0ms, woken));
        co_await all.join();
        EXPECT_EQ(woken, (std::vector{0, 1, 2, 3}));
        EXPECT_TRUE((co_await sleep_until{nanoseconds{0}}).has_value());
    };
    test::run_on_shard(run());
}

// Goal: the longest time there is means no limit, not one that has passed.
TEST(sleep, a_time_without_end_does_not_end) {
    const auto run = []() -> body {
        constexpr nanoseconds never = nanoseconds::max();
        EXPECT_EQ(deadline_after(never), never);
        EXPECT_EQ((co_await with_timeout(2ms, nap(never))).error().code, errc::timed_out);
        EXPECT_TRUE((co_await with_timeout(never, nap(1ms))).has_value());
        interval rare{never};
        const auto tick = [](interval& of) -> task<result<void>> { co_return co_await of.next(); };
        EXPECT_EQ((co_await with_timeout(2ms, tick(rare))).error().code, errc::timed_out);
    };
    test::run_on_shard(run());
}

TEST(sleep, ends_when_stopped) {
    const auto run = []() -> body {
        stop_source stop;
        stop_timer limit{stop};
        limit.arm(now() + 2ms);
        EXPECT_EQ((co_await nap(1h).under(stop)).error().code, errc::canceled);
        EXPECT_TRUE(limit.fired());
        EXPECT_EQ((co_await nap(1h).under(stop)).error().code, errc::canceled);
    };
    test::run_on_shard(run());
}

TEST(stop_timer, can_be_armed_anew_and_disarmed) {
    const auto run = []() -> body {
        stop_source stop;
        stop_timer limit{stop};
        limit.arm(now() + 1ms);
        limit.arm(now() + 1h);
        co_await sleep_for(3ms);
        EXPECT_FALSE(stop.stop_requested());
        limit.disarm();
        limit.disarm();
        EXPECT_FALSE(limit.fired());
    };
    test::run_on_shard(run());
}

TEST(with_timeout, yields_the_value_or_timed_out) {
    const auto run = []() -> body {
        const auto quick = []() -> task<result<int>> { co_return 5; };
        EXPECT_EQ(*co_await with_timeout(1h, quick()), 5);
        EXPECT_EQ((co_await with_timeout(2ms, nap(1h))).error().code, errc::timed_out);
        // An inner limit is not mistaken for an outer one.
        const auto inner = co_await with_timeout(1h, with_timeout(2ms, nap(1h)));
        EXPECT_EQ(inner.error().code, errc::timed_out);
        // A stop of the awaiter is no time-out.
        stop_source stop;
        stop.request_stop();
        EXPECT_EQ((co_await with_timeout(1h, nap(1h)).under(stop)).error().code, errc::canceled);
    };
    test::run_on_shard(run());
}

// Goal: a task that succeeds although its time is up has succeeded.
TEST(with_timeout, late_success_counts) {
    const auto run = []() -> body {
        const auto stubborn = []() -> task<result<int>> {
            static_cast<void>(co_await sleep_for(1h));
            co_return 6;
        };
        EXPECT_EQ(*co_await with_timeout(2ms, stubborn()), 6);
    };
    test::run_on_shard(run());
}

TEST(interval, keeps_its_rate_and_skips_what_was_missed) {
    const auto run = []() -> body {
        const nanoseconds begin = now();
        interval ticks{4ms};
        EXPECT_TRUE((co_await ticks.next()).has_value());
        EXPECT_GE(now() - begin, 4ms);
        co_await sleep_for(10ms);  // Misses at least two ticks.
        const nanoseconds late = now();
        EXPECT_TRUE((co_await ticks.next()).has_value());
        EXPECT_GE(now(), late);
        EXPECT_LT((now() - begin) % 4ms, 4ms);
        EXPECT_TRUE((co_await ticks.next()).has_value());
        EXPECT_GE(now() - begin, 16ms);
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
