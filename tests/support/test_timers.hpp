// Timers for tests of the timer wheel.
#pragma once

#include <vector>

#include <gtest/gtest.h>
#include <ringway/runtime/timer_wheel.hpp>

namespace ringway::test {

/// Writes its name down when it is told.
struct noting_timer : timer {
    noting_timer(std::vector<int>& log, int name)
        : timer{[](timer& self) noexcept {
              auto& me = static_cast<noting_timer&>(self);
              EXPECT_FALSE(me.armed());
              me.log_.push_back(me.name_);
          }},
          log_{log},
          name_{name} {}

private:
    std::vector<int>& log_;
    int name_;
};

/// Does whatever the test wants when it is told.
struct acting_timer : timer {
    using action = void (*)(acting_timer& self, timer_wheel& wheel);

    acting_timer(timer_wheel& wheel, action does)
        : timer{[](timer& self) noexcept {
              auto& me = static_cast<acting_timer&>(self);
              ++me.told;
              me.does_(me, me.wheel_);
          }},
          wheel_{wheel},
          does_{does} {}

    int told = 0;
    timer* other = nullptr;

private:
    timer_wheel& wheel_;
    action does_;
};

}  // namespace ringway::test
