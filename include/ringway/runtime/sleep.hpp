// Waiting for time: sleep, deadlines of a whole task, intervals.
#pragma once

#include <cerrno>
#include <chrono>
#include <coroutine>

#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway {

/// Waits until `deadline` of the shard's clock.
///
/// Yields nothing, or `canceled` when the awaiting coroutine was stopped before. Never early; late
/// by at most a tick of the wheel (1 ms) and the run queue. Resumes: on the same shard.
class sleep_until {
public:
    explicit sleep_until(nanoseconds deadline) noexcept : deadline_{deadline} {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        stop_source* const stop = self.promise().stop;
        if (stop != nullptr && stop->stop_requested()) {
            stopped_ = true;
            return false;
        }
        waiting_.hold(self);
        shard::current().timers().add(timer_, deadline_);
        stop_.link(stop);
        return true;
    }
    result<void> await_resume() noexcept {
        stop_.unlink();
        if (stopped_) {
            return fail_errno(ECANCELED);
        }
        return {};
    }

private:
    struct own_timer : timer {
        explicit own_timer(sleep_until& owner) noexcept
            : timer{[](timer& self) noexcept {
                  static_cast<own_timer&>(self).owner_.waiting_.wake();
              }},
              owner_{owner} {}
        sleep_until& owner_;
    };
    struct own_stop : stop_callback {
        explicit own_stop(sleep_until& owner) noexcept
            : stop_callback{[](stop_callback& self) noexcept {
                  static_cast<own_stop&>(self).owner_.cancel();
              }},
              owner_{owner} {}
        sleep_until& owner_;
    };

    void cancel() noexcept {
        if (timer_.armed()) {
            shard::current().timers().cancel(timer_);
            stopped_ = true;
            waiting_.wake();
        }
    }

    nanoseconds deadline_;
    suspension waiting_;
    own_timer timer_{*this};
    own_stop stop_{*this};
    bool stopped_ = false;
};

/// `duration` from now on the shard's clock. What is too far off to be told is never:
/// nanoseconds::max().
[[nodiscard]] inline nanoseconds deadline_after(nanoseconds duration) noexcept {
    const nanoseconds now = shard::current().io().now();
    return duration > nanoseconds::max() - now ? nanoseconds::max() : now + duration;
}

/// Waits for `duration`, as `sleep_until`. nanoseconds::max(): until it is stopped.
[[nodiscard]] inline sleep_until sleep_for(nanoseconds duration) noexcept {
    return sleep_until{deadline_after(duration)};
}

/// Requests a stop when a deadline has passed.
class stop_timer : timer {
public:
    /// Lifetime: `target` outlives this. Must die on the shard that made it.
    explicit stop_timer(stop_source& target) noexcept
        : timer{[](timer& self) noexcept {
              auto& me = static_cast<stop_timer&>(self);
              me.fired_ = true;
              me.target_.request_stop();
          }},
          target_{target} {}
    ~stop_timer() { disarm(); }

    void arm(nanoseconds deadline) noexcept {
        disarm();
        shard::current().timers().add(*this, deadline);
    }
    void disarm() noexcept {
        if (armed()) {
            shard::current().timers().cancel(*this);
        }
    }
    [[nodiscard]] bool fired() const noexcept { return fired_; }

private:
    stop_source& target_;
    bool fired_ = false;
};

/// Runs `work` for at most `duration`; nanoseconds::max(): without a limit.
///
/// Then it is asked to stop and joined; what it yields counts. If that is `canceled` because of the
/// time limit, it becomes `timed_out`. A stop of the awaiter is passed on.
template <class T>
task<result<T>> with_timeout(nanoseconds duration, task<result<T>> work) {
    linked_stop_source stop{co_await this_stop{}};
    stop_timer limit{stop.source()};
    limit.arm(deadline_after(duration));
    result<T> outcome = co_await std::move(work).under(stop.source());
    if (!outcome && outcome.error().code == errc::canceled && limit.fired()) {
        co_return fail(errc::timed_out);
    }
    co_return outcome;
}

/// Ticks at a fixed rate: `co_await ticks.next()`. A late tick does not shift the following ones;
/// ticks that were missed altogether are skipped.
class interval {
public:
    explicit interval(nanoseconds period) noexcept
        : period_{period}, next_{shard::current().io().now()} {
        RW_ASSERT(period > nanoseconds{0});
    }

    /// Waits for the next tick; `canceled` when stopped.
    [[nodiscard]] sleep_until next() noexcept {
        const nanoseconds now = shard::current().io().now();
        next_ = period_ > nanoseconds::max() - next_ ? nanoseconds::max() : next_ + period_;
        if (next_ < now) {
            next_ += (now - next_) / period_ * period_ + period_;
        }
        return sleep_until{next_};
    }

private:
    nanoseconds period_;
    nanoseconds next_;
};

}  // namespace ringway
