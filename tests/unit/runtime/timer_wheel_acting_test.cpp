// Timers that change the wheel while it tells them.
#include <chrono>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>
#include <ringway/runtime/timer_wheel.hpp>

#include "support/test_timers.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test::acting_timer;
using test::noting_timer;

TEST(timer_wheel, a_timer_may_add_itself_again) {
    timer_wheel wheel;
    acting_timer periodic{
        wheel, [](acting_timer& self, timer_wheel& in) { in.add(self, self.deadline() + 10ms); }};
    wheel.add(periodic, 10ms);
    for (auto now = 0ms; now <= 1s; now += 1ms) {
        wheel.advance(now);
    }
    EXPECT_EQ(periodic.told, 100);
    wheel.cancel(periodic);
}

// Goal: a timer that is always due again does not keep advance, and with it the shard, for ever.
TEST(timer_wheel, a_timer_that_is_due_again_at_once_waits_for_the_next_advance) {
    timer_wheel wheel;
    acting_timer eager{wheel, [](acting_timer& self, timer_wheel& in) { in.add(self, 1ms); }};
    acting_timer behind{
        wheel, [](acting_timer& self, timer_wheel& in) { in.add(self, self.deadline() + 1ms); }};
    wheel.add(eager, 1ms);
    wheel.add(behind, 1ms);
    wheel.advance(2h);
    EXPECT_EQ(eager.told, 1);
    EXPECT_EQ(behind.told, 1);
    EXPECT_EQ(wheel.size(), 2U);
    EXPECT_LE(wheel.next_deadline().value(), 2h);
    wheel.advance(2h);
    EXPECT_EQ(eager.told, 2);
    EXPECT_EQ(behind.told, 2);
    wheel.cancel(eager);
    wheel.cancel(behind);
}

TEST(timer_wheel, a_timer_may_add_one_that_is_due_later) {
    std::vector<int> log;
    noting_timer later{log, 1};
    timer_wheel wheel;
    acting_timer first{wheel,
                       [](acting_timer& self, timer_wheel& in) { in.add(*self.other, 1h + 1ms); }};
    first.other = &later;
    wheel.add(first, 1s);
    wheel.advance(1h);
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(wheel.next_deadline(), 1h + 1ms);
    wheel.advance(1h + 1ms);
    EXPECT_EQ(log.size(), 1U);
}

// Goal: of timers that are due together, whichever is told first can take the others out.
TEST(timer_wheel, a_timer_may_cancel_others_that_are_due_too) {
    for (const nanoseconds other_deadline : std::initializer_list<nanoseconds>{1ms, 2ms, 5s, 1h}) {
        timer_wheel wheel;
        const auto cancel_other = [](acting_timer& self, timer_wheel& in) {
            in.cancel(*self.other);
            in.cancel(self);
        };
        acting_timer one{wheel, cancel_other};
        acting_timer two{wheel, cancel_other};
        one.other = &two;
        two.other = &one;
        wheel.add(one, 1ms);
        wheel.add(two, other_deadline);
        wheel.advance(2h);
        EXPECT_EQ(one.told + two.told, 1);
        EXPECT_EQ(wheel.size(), 0U);
    }
}

TEST(timer_wheel, a_timer_may_move_one_that_is_due_too) {
    std::vector<int> log;
    noting_timer moved{log, 1};
    timer_wheel wheel;
    acting_timer mover{wheel, [](acting_timer& self, timer_wheel& in) {
                           in.cancel(*self.other);
                           in.add(*self.other, 20ms);
                       }};
    mover.other = &moved;
    wheel.add(mover, 1ms);
    wheel.add(moved, 5ms);
    wheel.advance(10ms);
    EXPECT_TRUE(log.empty());
    wheel.advance(20ms);
    EXPECT_EQ(log.size(), 1U);
}

TEST(timer_wheel, a_timer_may_end_its_own_life) {
    timer_wheel wheel;
    const auto end = [](acting_timer& self, timer_wheel&) { delete &self; };
    wheel.add(*new acting_timer{wheel, end}, 5ms);
    wheel.add(*new acting_timer{wheel, end}, 5ms);
    wheel.advance(1s);
    EXPECT_EQ(wheel.size(), 0U);
}

}  // namespace
}  // namespace ringway
