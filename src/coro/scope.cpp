#include <ringway/coro/scope.hpp>

#include <coroutine>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scheduler.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {

// A coroutine that owns itself: it starts from the run queue and frees its frame when it ends.
struct scope::runner {
    struct promise_type : detail::promise_base {
        runner get_return_object() noexcept {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}

        ready_node start;
    };

    std::coroutine_handle<promise_type> coroutine;

    static runner run(scope& owner, task<void> work) {
        {
            task<void> mine = std::move(work);
            co_await std::move(mine);
        }  // The work's frame is gone before the scope hears of its end.
        owner.ended();
    }
};

void scope::spawn(task<void> work, task_queue& queue) {
    ++running_;
    const auto coroutine = runner::run(*this, std::move(work)).coroutine;
    auto& promise = coroutine.promise();
    promise.stop = &stop_;
    promise.start.coroutine = coroutine;
    promise.start.queue = &queue;
    scheduler::current().post(promise.start);
}

// Waits for the moment when no task runs; a stop of the waiting coroutine is passed on.
class scope::join_awaiter : stop_callback {
public:
    explicit join_awaiter(scope& owner) noexcept
        : stop_callback{[](stop_callback& self) noexcept {
              static_cast<join_awaiter&>(self).owner_.request_stop();
          }},
          owner_{owner} {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
        RW_ASSERT(owner_.joining_ == nullptr);
        waiting_.hold(self);
        owner_.joining_ = &waiting_;
        link(self.promise().stop);
    }
    void await_resume() noexcept {
        unlink();
        owner_.joining_ = nullptr;
    }

private:
    scope& owner_;
    suspension waiting_;
};

// A loop, because a task may be spawned after the last one ended and before the waiter's turn.
task<void> scope::join() {
    while (running_ > 0) {
        co_await join_awaiter{*this};
    }
}

void scope::ended() noexcept {
    RW_ASSERT(running_ > 0);
    --running_;
    if (running_ == 0 && joining_ != nullptr) {
        joining_->wake_if_held();
    }
}

}  // namespace ringway
