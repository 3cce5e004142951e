// Which coroutine runs next on this shard: task queues with shares, in proportion to time used.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>

namespace ringway {

class task_queue;

/// A suspended coroutine on its way to run again. Lives in the awaiter, so that waking allocates
/// nothing. `queue` is the task queue that the coroutine belongs to.
struct ready_node {
    ready_node* next = nullptr;  // Null: in no queue. The last of a queue points at itself.
    std::coroutine_handle<> coroutine;
    task_queue* queue = nullptr;
};

/// A class of work with its share of the shard. Made by `scheduler::make_queue`.
class task_queue {
public:
    task_queue(std::string name, unsigned shares) : name_{std::move(name)}, shares_{shares} {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] unsigned shares() const noexcept { return shares_; }
    /// Time this queue's coroutines ran. Only counted while there is more than one queue.
    [[nodiscard]] std::chrono::nanoseconds run_time() const noexcept { return run_time_; }
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }

private:
    friend class scheduler;

    std::string name_;
    unsigned shares_;
    ready_node* first_ = nullptr;
    ready_node* last_ = nullptr;
    std::size_t depth_ = 0;
    std::uint64_t virtual_time_ = 0;  // ns of run time, divided by the share
    std::chrono::nanoseconds run_time_{0};
};

/// The run queues of one shard. Knows no kernel: the clock is given.
///
/// Fair between queues: the queue with the least run time per share goes next, for one slice at
/// most. A queue that was idle starts level with the others; it can't save up time. Coroutines of
/// one queue run in order of arrival.
class scheduler {
public:
    using clock_function = std::chrono::nanoseconds (*)() noexcept;

    static constexpr std::chrono::microseconds slice{500};
    static constexpr unsigned default_shares = 1000;

    explicit scheduler(clock_function clock);
    ~scheduler();
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    /// The scheduler of the calling thread. Only on a shard's thread.
    [[nodiscard]] static scheduler& current() noexcept {
        RW_ASSERT(current_ != nullptr);
        return *current_;
    }
    [[nodiscard]] static scheduler* current_or_null() noexcept { return current_; }

    /// Makes this scheduler the calling thread's own, or none with null.
    static void set_current(scheduler* own) noexcept { current_ = own; }

    /// A further queue. `shares` is relative to `default_shares` of the first queue; at least 1.
    /// Lifetime: as long as the scheduler.
    task_queue& make_queue(std::string name, unsigned shares);

    [[nodiscard]] task_queue& default_queue() noexcept { return *queues_.front(); }

    /// The queue whose coroutine runs now; what it spawns or awaits stays in that queue.
    [[nodiscard]] task_queue& running_queue() noexcept { return *running_; }

    /// Puts a suspended coroutine at the end of its queue. It must not be in a queue already.
    void post(ready_node& node) noexcept {
        RW_ASSERT(node.queue != nullptr && node.next == nullptr);
        task_queue& queue = *node.queue;
        node.next = &node;
        if (queue.first_ == nullptr) {
            queue.first_ = &node;
            level(queue);
        } else {
            queue.last_->next = &node;
        }
        queue.last_ = &node;
        ++queue.depth_;
        ++ready_;
    }

    /// Resumes ready coroutines: those that are ready now, at most one slice of time of each turn
    /// and no more than `count_max`. Returns how many were resumed.
    std::size_t run_some(std::size_t count_max);

    [[nodiscard]] std::size_t ready() const noexcept { return ready_; }
    [[nodiscard]] std::uint64_t resumed() const noexcept { return resumed_; }

    /// A number for what the shard is doing: another one with each coroutine that is resumed, see
    /// `is_running`. Any thread; for whoever watches over shards.
    [[nodiscard]] std::uint64_t activity() const noexcept {
        return activity_.load(std::memory_order_relaxed);
    }

    /// Whether `activity` is that of a coroutine, and not of the time between two of them.
    [[nodiscard]] static constexpr bool is_running(std::uint64_t activity) noexcept {
        return activity % 2 == 1;
    }

    /// Whether the running coroutine has used its slice up: time to let the others and the driver
    /// have their turn.
    [[nodiscard]] bool should_yield() const noexcept { return clock_() >= slice_end_; }

    [[nodiscard]] const std::vector<std::unique_ptr<task_queue>>& queues() const noexcept {
        return queues_;
    }

private:
    void level(task_queue& queue) noexcept;
    [[nodiscard]] task_queue* next_queue() noexcept;
    std::size_t run_queue(task_queue& queue, std::size_t count_max);

    static constinit thread_local scheduler* current_;

    clock_function clock_;
    std::vector<std::unique_ptr<task_queue>> queues_;
    task_queue* running_;
    std::size_t ready_ = 0;
    std::uint64_t resumed_ = 0;
    std::atomic<std::uint64_t> activity_{0};
    std::uint64_t least_virtual_time_ = 0;
    std::chrono::nanoseconds slice_end_{0};
};

}  // namespace ringway
