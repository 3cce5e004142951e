// co_await on one operation of the driver.
#pragma once

#include <cerrno>
#include <coroutine>
#include <type_traits>

#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// Runs one single-shot operation and yields its completion. The awaiter is the operation: nothing
/// is allocated.
///
/// Cancel: when the awaiting coroutine is stopped the driver is asked to cancel, and the await goes
/// on until the terminal completion: memory that the operation borrows stays in use until then.
/// An operation that succeeded all the same yields its success. Stopped beforehand: -ECANCELED
/// without a system call. Resumes: on the shard of the driver, in its turn.
class await_operation : protected operation, private stop_callback {
public:
    explicit await_operation(const operation& what) noexcept
        : operation{what}, stop_callback{&await_operation::stop_requested} {
        complete = [](operation& self, completion done) noexcept {
            static_cast<await_operation&>(self).ended(done);
        };
    }

    bool await_ready() const noexcept { return false; }

    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        stop_source* const stop = self.promise().stop;
        if (stop != nullptr && stop->stop_requested()) {
            outcome_.result = -ECANCELED;
            return false;
        }
        waiting_.hold(self);
        driver::current().submit(*this);
        if (in_flight) {
            link(stop);
        }
        return true;
    }

    completion await_resume() noexcept {
        unlink();
        return outcome_;
    }

protected:
    void ended(completion done) noexcept {
        RW_ASSERT(!done.more);
        outcome_ = done;
        waiting_.wake();
    }
    /// Asks for its end, which must not have come yet.
    void stop() noexcept {
        stopped_ = true;
        driver::current().cancel(*this);
    }
    /// Whether a stop has come before its end.
    [[nodiscard]] bool was_stopped() const noexcept { return stopped_; }

private:
    static void stop_requested(stop_callback& self) noexcept {
        auto& me = static_cast<await_operation&>(self);
        if (me.in_flight) {
            me.stop();
        }
    }

    suspension waiting_;
    completion outcome_;
    bool stopped_ = false;
};

/// The completion's result as a value: the count or descriptor, or the error.
[[nodiscard]] inline result<int> to_result(completion done) noexcept {
    if (done.result < 0) {
        return fail_errno(-done.result);
    }
    return done.result;
}

}  // namespace ringway
