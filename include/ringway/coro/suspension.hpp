// A suspended coroutine that somebody will make ready: what the awaiters of this library share.
#pragma once

#include <coroutine>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scheduler.hpp>

namespace ringway {

/// Remembers who waits and in which task queue, and wakes them through the scheduler.
///
/// Lives in an awaiter. Waking never resumes at once: the coroutine runs in its turn.
class suspension {
public:
    /// Remembers `waiter`; one at a time. Call from await_suspend, on the shard's thread.
    void hold(std::coroutine_handle<> waiter) noexcept {
        RW_ASSERT(!holds());
        node_.coroutine = waiter;
        node_.queue = &scheduler::current().running_queue();
    }

    [[nodiscard]] bool holds() const noexcept { return node_.queue != nullptr; }

    /// Makes the coroutine ready and forgets it. Must hold one; only on its own shard.
    void wake() noexcept {
        RW_ASSERT(holds());
        scheduler::current().post(node_);
        node_.queue = nullptr;
    }

    /// As `wake` when somebody is held; says whether it did.
    bool wake_if_held() noexcept {
        if (!holds()) {
            return false;
        }
        wake();
        return true;
    }

    /// Forgets without waking.
    void clear() noexcept { node_.queue = nullptr; }

private:
    ready_node node_;
};

/// `co_await yield()` goes to the end of the own task queue.
struct yield {
    suspension waiting;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept {
        waiting.hold(self);
        waiting.wake();
    }
    void await_resume() const noexcept {}
};

/// `co_await yield_if_due()` yields only when the queue's slice is used up: for loops that compute.
struct yield_if_due : yield {
    bool await_ready() const noexcept { return !scheduler::current().should_yield(); }
};

/// `co_await in_queue(queue)`: the coroutine goes on as part of `queue`, in its turn.
struct in_queue {
    explicit in_queue(task_queue& queue) noexcept : queue_{&queue} {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept {
        node_.coroutine = self;
        node_.queue = queue_;
        scheduler::current().post(node_);
    }
    void await_resume() const noexcept {}

private:
    task_queue* queue_;
    ready_node node_;
};

}  // namespace ringway
