#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/run_on.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

// Runs `main` on shard 0 of two; shard 1 only serves.
void on_two_shards(task<void> (*main)(shard& other)) {
    auto made = cluster::make({.shards = 2, .pin = false});
    ASSERT_TRUE(made.has_value());
    const auto nothing = []() -> task<void> { co_return; };
    const auto outcome = (*made)->run(
        [&](shard& here) { return here.id() == 0 ? main((*made)->at(1)) : nothing(); });
    EXPECT_TRUE(outcome.has_value());
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ((*made)->at(i).io().counters().in_flight(), 0U);
    }
}

TEST(run_on, yields_values_and_nothing_and_what_only_moves) {
    on_two_shards([](shard& other) -> task<void> {
        const auto here = []() -> task<unsigned> { co_return shard::current().id(); };
        EXPECT_EQ(co_await run_on(other, here), 1U);
        EXPECT_EQ(shard::current().id(), 0U);

        int touched = 0;
        const auto touch = [](int& value) -> task<void> {
            value = 7;
            co_await yield{};
        };
        co_await run_on(other, [&] { return touch(touched); });
        EXPECT_EQ(touched, 7);

        const auto make = []() -> task<result<std::unique_ptr<std::string>>> {
            co_await yield{};
            co_return std::make_unique<std::string>("moved");
        };
        const auto moved = co_await run_on(other, make);
        EXPECT_EQ(**moved, "moved");
    });
}

TEST(run_on, works_on_the_own_shard_too) {
    on_two_shards([](shard&) -> task<void> {
        const auto here = []() -> task<unsigned> { co_return shard::current().id(); };
        EXPECT_EQ(co_await run_on(shard::current(), here), 0U);
    });
}

// Goal: a stop of the caller reaches the task on the other shard, which ends first.
TEST(run_on, a_stop_is_passed_on_and_waited_for) {
    on_two_shards([](shard& other) -> task<void> {
        const auto sleep = []() -> task<result<void>> {
            co_return co_await sleep_for(std::chrono::hours{1});
        };
        const auto there = [](shard& target, auto work) -> task<result<void>> {
            co_return co_await run_on(target, work);
        };
        const auto late = co_await with_timeout(3ms, there(other, sleep));
        EXPECT_EQ(late.error().code, errc::timed_out);

        stop_source stopped;
        stopped.request_stop();
        const auto at_once = co_await there(other, sleep).under(stopped);
        EXPECT_EQ(at_once.error().code, errc::canceled);
    });
}

// Goal: a stop that crosses the answer on its way does no harm. Repeated, so that the sanitizers
// see many interleavings.
TEST(run_on, stops_and_answers_may_cross) {
    on_two_shards([](shard& other) -> task<void> {
        const auto quick = []() -> task<int> {
            co_await yield{};
            co_return 1;
        };
        const auto there = [](shard& target, auto work) -> task<void> {
            EXPECT_EQ(co_await run_on(target, work), 1);
        };
        for (int i = 0; i < 500; ++i) {
            scope calls;
            calls.spawn(there(other, quick));
            calls.spawn(there(other, quick));
            for (int wait = 0; wait < i % 5; ++wait) {
                co_await yield{};
            }
            calls.request_stop();
            co_await calls.join();
        }
    });
}

// Goal: both directions at once, many at a time; every wake-up arrives.
TEST(run_on, many_calls_both_ways) {
    auto made = cluster::make({.shards = 3, .pin = false});
    ASSERT_TRUE(made.has_value());
    static constexpr int calls = 300;
    const auto add = [](int number) -> task<int> { co_return number + 1; };
    const auto call_one = [](shard& target, auto work, int number, int& sum) -> task<void> {
        sum += co_await run_on(target, [&] { return work(number); });
    };
    const auto call_all = [](cluster& all, auto one, auto work) -> task<void> {
        int sum = 0;
        scope running;
        for (int i = 0; i < calls; ++i) {
            const auto target = static_cast<std::size_t>(i) % all.size();
            running.spawn(one(all.at(target), work, i, sum));
            if (i % 10 == 0) {
                co_await yield{};
            }
        }
        co_await running.join();
        EXPECT_EQ(sum, calls * (calls - 1) / 2 + calls);
    };
    EXPECT_TRUE((*made)->run([&](shard&) { return call_all(**made, call_one, add); }).has_value());
}

}  // namespace
}  // namespace ringway
