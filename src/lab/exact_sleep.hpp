// Waiting to the microsecond.
#pragma once

#include <coroutine>

#include <ringway/coro/suspension.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/precise_timers.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::lab {

/// Waits for a moment to the microsecond, which the timer wheel does not.
class exact_sleep {
public:
    explicit exact_sleep(nanoseconds until) noexcept : until_{until} {}

    bool await_ready() const noexcept { return driver::current().now() >= until_; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
        waiting_.hold(self);
        shard::current().exact_timers().add(timer_, until_);
    }
    void await_resume() const noexcept {}

private:
    struct own_timer : precise_timer {
        explicit own_timer(exact_sleep& owner) noexcept
            : precise_timer{[](precise_timer& self) noexcept {
                  static_cast<own_timer&>(self).owner_.waiting_.wake();
              }},
              owner_{owner} {}
        exact_sleep& owner_;
    };

    nanoseconds until_;
    suspension waiting_;
    own_timer timer_{*this};
};

}  // namespace ringway::lab
