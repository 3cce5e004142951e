// event: a flag that coroutines of one shard can wait for.
#pragma once

#include <coroutine>

#include <ringway/base/result.hpp>
#include <ringway/coro/wait_queue.hpp>

namespace ringway {

/// Is set until it is reset. Used on one shard only; nobody may wait when it dies.
class event {
public:
    explicit event(bool set = false) noexcept : set_{set} {}
    event(const event&) = delete;
    event& operator=(const event&) = delete;

    /// Sets it and makes everybody who waits ready, in order of arrival. They have seen the event
    /// even if it is reset, or dies, before they run. Nobody resumes inside this call.
    void set() noexcept {
        set_ = true;
        waiting_.finish_all({});
    }

    /// From now on `wait` waits again.
    void reset() noexcept { set_ = false; }

    [[nodiscard]] bool is_set() const noexcept { return set_; }

    class wait_awaiter;
    /// Waits until the event is set; goes on at once when it is. Yields result<void>.
    /// Fails with `canceled` only.
    /// Lifetime: the event lives until it is set or the wait is cancelled.
    /// Cancel: ends the wait, unless the event was set first. Resumes: in its turn, on this shard.
    [[nodiscard]] wait_awaiter wait() noexcept;

private:
    bool set_;
    detail::wait_queue waiting_;
};

class [[nodiscard]] event::wait_awaiter : detail::waiter {
public:
    explicit wait_awaiter(event& owner) noexcept : owner_{owner} {}

    bool await_ready() const noexcept { return owner_.set_; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return line_up(owner_.waiting_, self);
    }
    [[nodiscard]] result<void> await_resume() const noexcept { return outcome_; }

private:
    event& owner_;
};

inline event::wait_awaiter event::wait() noexcept { return wait_awaiter{*this}; }

}  // namespace ringway
