#include <ringway/runtime/timer_wheel.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support/test_timers.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test::acting_timer;
using test::noting_timer;

constexpr nanoseconds year = 365 * 24h;

TEST(timer_wheel, tells_a_timer_when_its_time_has_come) {
    std::vector<int> log;
    noting_timer one{log, 1};
    timer_wheel wheel;
    EXPECT_FALSE(one.armed());
    wheel.add(one, 10ms);
    EXPECT_TRUE(one.armed());
    EXPECT_EQ(one.deadline(), 10ms);
    EXPECT_EQ(wheel.size(), 1U);
    wheel.advance(9ms);
    EXPECT_TRUE(log.empty());
    wheel.advance(10ms);
    EXPECT_EQ(log, (std::vector<int>{1}));
    EXPECT_EQ(wheel.size(), 0U);
    wheel.advance(1h);
    EXPECT_EQ(log.size(), 1U);
}

TEST(timer_wheel, is_never_early_and_less_than_a_tick_late) {
    std::vector<int> log;
    noting_timer one{log, 1};
    timer_wheel wheel;
    wheel.add(one, 10ms + 1ns);
    wheel.advance(11ms - 1ns);
    EXPECT_TRUE(log.empty());
    wheel.advance(11ms);
    EXPECT_EQ(log.size(), 1U);
}

TEST(timer_wheel, tells_in_order_of_ticks) {
    std::vector<int> log;
    const std::array<nanoseconds, 7> deadlines{3ms, 70ms, 5s, 1ms, 64ms, 20min, 65ms};
    std::vector<std::unique_ptr<noting_timer>> timers;
    timer_wheel wheel;
    for (std::size_t i = 0; i < deadlines.size(); ++i) {
        timers.push_back(std::make_unique<noting_timer>(log, static_cast<int>(i)));
        wheel.add(*timers.back(), deadlines[i]);
    }
    wheel.advance(1h);
    EXPECT_EQ(log, (std::vector<int>{3, 0, 4, 6, 1, 2, 5}));
}

TEST(timer_wheel, a_cancelled_timer_is_not_told) {
    std::vector<int> log;
    noting_timer one{log, 1};
    noting_timer two{log, 2};
    timer_wheel wheel;
    wheel.add(one, 5ms);
    wheel.add(two, 5ms);
    wheel.cancel(one);
    EXPECT_FALSE(one.armed());
    EXPECT_EQ(wheel.size(), 1U);
    wheel.cancel(one);
    wheel.advance(1s);
    EXPECT_EQ(log, (std::vector<int>{2}));
    wheel.cancel(two);
    EXPECT_EQ(wheel.size(), 0U);
}

TEST(timer_wheel, a_timer_can_be_used_again) {
    std::vector<int> log;
    noting_timer one{log, 1};
    timer_wheel wheel;
    wheel.add(one, 5ms);
    wheel.advance(5ms);
    wheel.add(one, 9ms);
    wheel.cancel(one);
    wheel.add(one, 7ms);
    wheel.advance(7ms);
    EXPECT_EQ(log.size(), 2U);
}

TEST(timer_wheel, what_is_due_when_added_is_told_by_the_next_advance) {
    std::vector<int> log;
    noting_timer past{log, 1};
    noting_timer present{log, 2};
    noting_timer before_time{log, 3};
    timer_wheel wheel{10s};
    wheel.add(past, 1s);
    wheel.add(present, 10s);
    wheel.add(before_time, -5s);
    EXPECT_TRUE(log.empty());
    EXPECT_LE(wheel.next_deadline().value(), 10s);
    wheel.advance(10s);
    EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
    EXPECT_FALSE(wheel.next_deadline().has_value());
}

TEST(timer_wheel, takes_deadlines_of_years) {
    std::vector<int> log;
    noting_timer one{log, 1};
    noting_timer two{log, 2};
    noting_timer last{log, 3};
    timer_wheel wheel{3h};
    wheel.add(last, nanoseconds::max());
    wheel.add(two, 200 * year);
    wheel.add(one, year + 1ms);
    wheel.advance(year);
    EXPECT_TRUE(log.empty());
    wheel.advance(year + 1ms);
    EXPECT_EQ(log, (std::vector<int>{1}));
    wheel.advance(200 * year - 1ns);
    EXPECT_EQ(log.size(), 1U);
    wheel.advance(200 * year);
    EXPECT_EQ(log, (std::vector<int>{1, 2}));
    EXPECT_GT(wheel.next_deadline().value(), 250 * year);
    wheel.advance(nanoseconds::max());
    EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
}

TEST(timer_wheel, a_clock_that_goes_back_does_no_harm) {
    std::vector<int> log;
    noting_timer one{log, 1};
    timer_wheel wheel{10s};
    wheel.add(one, 10s + 3ms);
    wheel.advance(5s);
    wheel.advance(6s);
    wheel.advance(10s + 2ms);
    EXPECT_TRUE(log.empty());
    wheel.advance(10s + 3ms);
    EXPECT_EQ(log.size(), 1U);
}

TEST(timer_wheel, knows_when_it_is_needed_next) {
    std::vector<int> log;
    noting_timer one{log, 1};
    noting_timer two{log, 2};
    timer_wheel wheel{1s};
    EXPECT_FALSE(wheel.next_deadline().has_value());
    wheel.add(one, 1s + 3ms);
    wheel.add(two, 1s + 2ms + 1ns);
    EXPECT_EQ(wheel.next_deadline(), 1s + 3ms);  // A whole tick, or the shard would wake too early.
    wheel.cancel(one);
    wheel.cancel(two);
    EXPECT_FALSE(wheel.next_deadline().has_value());
    wheel.add(one, 1h + 17ms);
    EXPECT_EQ(wheel.next_deadline(), 1h + 17ms);  // Exact for a single timer,
    wheel.cancel(one);
    wheel.advance(64s);
    wheel.add(one, 64s + 9ms);
    wheel.add(two, 64s + 8ms);
    EXPECT_EQ(wheel.next_deadline(), 64s + 8ms);  // and for those close by.
    wheel.cancel(one);
    wheel.cancel(two);
}

// How often a shard that sleeps until `next_deadline` wakes before the wheel is empty.
int wakes_until_empty(timer_wheel& wheel) {
    int wakes = 0;
    for (auto next = wheel.next_deadline(); next; next = wheel.next_deadline()) {
        wheel.advance(*next);
        ++wakes;
    }
    return wakes;
}

TEST(timer_wheel, an_idle_shard_sleeps) {
    for (const nanoseconds deadline :
         std::initializer_list<nanoseconds>{1ms, 63ms, 64ms, 5s, 10min, 10 * year}) {
        std::vector<int> log;
        timer_wheel wheel{12345ms};
        noting_timer alone{log, 0};
        wheel.add(alone, 12345ms + deadline);
        EXPECT_EQ(wakes_until_empty(wheel), 1);

        std::vector<std::unique_ptr<noting_timer>> together;
        for (int i = 0; i < 10; ++i) {
            together.push_back(std::make_unique<noting_timer>(log, i));
            wheel.add(*together.back(), alone.deadline() + deadline + 1ms * i);
        }
        EXPECT_LE(wakes_until_empty(wheel), 10 + 8);
        EXPECT_EQ(log.size(), 11U);
    }
}

// Goal: an advance over hours is as quick as one over a tick; a walk over every tick of these jumps
// (3e13 of them) would not end.
TEST(timer_wheel, jumps_do_not_walk_every_tick) {
    std::vector<int> log;
    noting_timer one{log, 1};
    timer_wheel wheel;
    nanoseconds now{0};
    for (int i = 0; i < 100'000; ++i) {
        wheel.add(one, now + 3h);
        now += 3h * (1 + i % 5);
        if (now > 280 * year) {
            break;
        }
        wheel.advance(now);
    }
    EXPECT_GT(log.size(), 50'000U);
    wheel.cancel(one);
}

// Goal: sleeping exactly until next_deadline each time misses nobody and is late for nobody.
TEST(timer_wheel, nobody_is_late_for_a_shard_that_follows_next_deadline) {
    std::mt19937_64 random{7};
    std::vector<int> log;
    std::vector<std::unique_ptr<noting_timer>> timers;
    timer_wheel wheel{5s};
    for (int i = 0; i < 500; ++i) {
        timers.push_back(std::make_unique<noting_timer>(log, i));
        wheel.add(*timers.back(), 5s + nanoseconds{random() % 1'000'000'000'000});
    }
    std::size_t seen = 0;
    for (auto next = wheel.next_deadline(); next; next = wheel.next_deadline()) {
        wheel.advance(*next);
        for (; seen < log.size(); ++seen) {
            const auto deadline = timers[static_cast<std::size_t>(log[seen])]->deadline();
            EXPECT_LE(deadline, *next);
            EXPECT_LT(*next - deadline, timer_wheel::tick);
        }
    }
    EXPECT_EQ(seen, timers.size());
}

TEST(timer_wheel_death_test, a_timer_that_is_armed_twice) {
    EXPECT_DEATH(
        {
            std::vector<int> log;
            timer_wheel wheel;
            noting_timer one(log, 1);
            wheel.add(one, 1s);
            wheel.add(one, 2s);
        },
        "assertion failed.*armed");
}

TEST(timer_wheel_death_test, a_timer_that_dies_armed) {
    EXPECT_DEATH(
        {
            std::vector<int> log;
            timer_wheel wheel;
            noting_timer one(log, 1);
            wheel.add(one, 1s);
        },
        "assertion failed.*armed");
}

TEST(timer_wheel_death_test, a_wheel_that_dies_with_timers) {
    EXPECT_DEATH(
        {
            std::vector<int> log;
            noting_timer one(log, 1);
            timer_wheel wheel;
            wheel.add(one, 1s);
        },
        "assertion failed.*size_");
}

TEST(timer_wheel_death_test, an_advance_inside_an_advance) {
    EXPECT_DEATH(
        {
            timer_wheel wheel;
            acting_timer one(wheel, [](acting_timer&, timer_wheel& in) { in.advance(2s); });
            wheel.add(one, 1s);
            wheel.advance(1s);
        },
        "assertion failed.*advancing_");
}

}  // namespace
}  // namespace ringway
