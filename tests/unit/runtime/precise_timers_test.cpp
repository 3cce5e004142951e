#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include <ringway/runtime/precise_timers.hpp>
#include <ringway/runtime/shard.hpp>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

struct noted : precise_timer {
    explicit noted(std::vector<int>& into, int name) noexcept
        : precise_timer{[](precise_timer& self) noexcept {
              auto& me = static_cast<noted&>(self);
              me.into_.push_back(me.name_);
          }},
          into_{into},
          name_{name} {}
    std::vector<int>& into_;
    int name_;
};

TEST(precise_timers, tell_in_order_and_never_early) {
    precise_timers timers;
    std::vector<int> told;
    noted third{told, 3};
    noted first{told, 1};
    noted second{told, 2};
    timers.add(third, 300ns);
    timers.add(first, 100ns);
    timers.add(second, 200ns);
    EXPECT_EQ(timers.next_deadline(), 100ns);
    timers.advance(99ns);
    EXPECT_TRUE(told.empty());
    timers.advance(250ns);
    EXPECT_EQ(told, (std::vector{1, 2}));
    EXPECT_TRUE(third.armed());
    timers.cancel(third);
    timers.cancel(third);
    EXPECT_FALSE(timers.next_deadline().has_value());
}

TEST(precise_timers, are_moved_both_ways) {
    precise_timers timers;
    std::vector<int> told;
    noted one{told, 1};
    noted two{told, 2};
    timers.add(one, 10ns);
    timers.add(two, 20ns);
    timers.add(one, 30ns);
    EXPECT_EQ(timers.next_deadline(), 20ns);
    timers.add(one, 5ns);
    EXPECT_EQ(timers.size(), 2U);
    timers.advance(40ns);
    EXPECT_EQ(told, (std::vector{1, 2}));
}

// Goal: a timer that arms itself for what is past does not keep the shard for ever.
TEST(precise_timers, one_that_is_due_again_waits_for_the_next_call) {
    struct eager : precise_timer {
        explicit eager(precise_timers& all) noexcept
            : precise_timer{[](precise_timer& self) noexcept {
                  auto& me = static_cast<eager&>(self);
                  ++me.told;
                  me.all_.add(me, 1ns);
              }},
              all_{all} {}
        precise_timers& all_;
        int told = 0;
    };
    precise_timers timers;
    eager again{timers};
    timers.add(again, 1ns);
    timers.advance(10ns);
    EXPECT_EQ(again.told, 1);
    timers.cancel(again);
}

// Goal: whatever is added, moved and cancelled, the order is that of a sorted list.
TEST(precise_timers, as_a_sorted_list) {
    precise_timers timers;
    std::vector<int> told;
    std::vector<std::unique_ptr<noted>> all;
    std::minstd_rand random{7};
    for (int i = 0; i < 200; ++i) {
        all.push_back(std::make_unique<noted>(told, i));
    }
    for (int step = 0; step < 5000; ++step) {
        noted& which = *all[random() % all.size()];
        if (random() % 4 == 0) {
            timers.cancel(which);
        } else {
            timers.add(which, std::chrono::nanoseconds{random() % 1000});
        }
    }
    std::vector<std::chrono::nanoseconds> expected;
    for (const auto& each : all) {
        if (each->armed()) {
            expected.push_back(each->deadline());
        }
    }
    std::ranges::sort(expected);
    std::vector<std::chrono::nanoseconds> seen;
    for (std::chrono::nanoseconds now{0}; now < 1000ns; ++now) {
        const std::size_t before = told.size();
        timers.advance(now);
        seen.insert(seen.end(), told.size() - before, now);
    }
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(timers.size(), 0U);
}

// Goal: a shard wakes up for them between the ticks of its wheel.
TEST(precise_timers, a_shard_waits_for_microseconds) {
    struct waking : precise_timer {
        waking() noexcept
            : precise_timer{
                  [](precise_timer& self) noexcept { static_cast<waking&>(self).waiter.wake(); }} {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> self) {
            waiter.hold(self);
            shard::current().exact_timers().add(*this, driver::current().now() + 50us);
        }
        void await_resume() const noexcept {}
        suspension waiter;
    };
    const auto run = []() -> task<void> {
        std::chrono::nanoseconds shortest = 1h;
        for (int i = 0; i < 50; ++i) {
            const auto before = driver::current().now();
            waking nap;
            co_await nap;
            const auto slept = driver::current().now() - before;
            EXPECT_GE(slept, 50us);
            shortest = std::min(shortest, slept);
        }
        EXPECT_LT(shortest, test::patience(1ms));
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
