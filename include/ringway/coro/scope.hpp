// scope: owns tasks that run beside their parent, and joins them.
#pragma once

#include <cstddef>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/scheduler.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {

/// Structured concurrency: every task that is not awaited belongs to a scope, and the scope must be
/// joined before it dies. There are no detached tasks.
///
/// Stop: spawned tasks obey the scope's own source. `request_stop` asks them to end; while a parent
/// waits in `join`, a stop of the parent is passed on to them. Used on one shard only.
class scope {
public:
    scope() = default;
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { RW_ASSERT(running_ == 0 && joining_ == nullptr); }

    /// Starts `work` in its turn: it is put on the running task queue and does not run at once.
    /// Lifetime: the scope owns it until it is done.
    void spawn(task<void> work) { spawn(std::move(work), scheduler::current().running_queue()); }

    /// Starts `work` as part of `queue`.
    void spawn(task<void> work, task_queue& queue);

    /// Asks every task of the scope to end, including those spawned later.
    void request_stop() noexcept { stop_.request_stop(); }
    [[nodiscard]] bool stop_requested() const noexcept { return stop_.stop_requested(); }
    [[nodiscard]] stop_source& stop() noexcept { return stop_; }

    /// Tasks that have not ended yet.
    [[nodiscard]] std::size_t size() const noexcept { return running_; }

    /// Waits until every task has ended; tasks may be spawned meanwhile, by anybody. One waiter at
    /// a time. Lifetime: the scope outlives the await. Cancel: passed on to the tasks, then keeps
    /// waiting for them. Resumes: on this shard.
    [[nodiscard]] task<void> join();

private:
    struct runner;
    class join_awaiter;
    void ended() noexcept;

    stop_source stop_;
    std::size_t running_ = 0;
    suspension* joining_ = nullptr;
};

}  // namespace ringway
