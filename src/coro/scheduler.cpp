#include <ringway/coro/scheduler.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <ringway/base/assert.hpp>

namespace ringway {

constinit thread_local scheduler* scheduler::current_ = nullptr;

scheduler::scheduler(clock_function clock) : clock_{clock} {
    queues_.push_back(std::make_unique<task_queue>("default", default_shares));
    running_ = queues_.front().get();
}

scheduler::~scheduler() {
    RW_ASSERT(ready_ == 0);  // A coroutine that is ready to run would never run again.
    if (current_ == this) {
        current_ = nullptr;
    }
}

task_queue& scheduler::make_queue(std::string name, unsigned shares) {
    RW_ASSERT(shares > 0);
    queues_.push_back(std::make_unique<task_queue>(std::move(name), shares));
    return *queues_.back();
}

// A queue that wakes up starts where the others are: idle time is not credit for a later burst.
void scheduler::level(task_queue& queue) noexcept {
    queue.virtual_time_ = std::max(queue.virtual_time_, least_virtual_time_);
}

task_queue* scheduler::next_queue() noexcept {
    task_queue* best = nullptr;
    for (const auto& queue : queues_) {
        if (queue->first_ == nullptr) {
            continue;
        }
        if (best == nullptr || queue->virtual_time_ < best->virtual_time_) {
            best = queue.get();
        }
    }
    return best;
}

std::size_t scheduler::run_some(std::size_t count_max) {
    // Only what is ready now: work that makes work must not keep the driver from its turn.
    const std::size_t limit = std::min(count_max, ready_);
    std::size_t done = 0;
    const auto begin = clock_();
    while (done < limit) {
        task_queue* const queue = next_queue();
        if (queue == nullptr) {
            break;
        }
        done += run_queue(*queue, limit - done);
        if (queues_.size() > 1 && clock_() - begin >= slice) {
            break;  // Let completions in: they may make a more urgent queue ready.
        }
    }
    running_ = queues_.front().get();
    return done;
}

std::size_t scheduler::run_queue(task_queue& queue, std::size_t count_max) {
    running_ = &queue;
    const bool shared = queues_.size() > 1;
    const auto begin = clock_();
    slice_end_ = begin + slice;
    least_virtual_time_ = std::max(least_virtual_time_, queue.virtual_time_);
    std::size_t done = 0;
    std::uint64_t activity = activity_.load(std::memory_order_relaxed) | 1;
    while (done < count_max && queue.first_ != nullptr) {
        ready_node* const node = queue.first_;
        queue.first_ = node->next == node ? nullptr : node->next;
        node->next = nullptr;
        --queue.depth_;
        --ready_;
        ++done;
        activity += 2;
        activity_.store(activity, std::memory_order_relaxed);
        node->coroutine.resume();  // `node` may be gone from here on.
        if (shared && clock_() >= slice_end_) {
            break;
        }
    }
    activity_.store(activity + 1, std::memory_order_relaxed);
    resumed_ += done;
    if (shared) {
        const auto used = clock_() - begin;
        queue.run_time_ += used;
        // At least 1 ns per resume: where the clock stands still, as in a simulation, a queue that
        // yields over and over would otherwise stay first for ever.
        const auto charged = static_cast<std::uint64_t>(used.count()) * default_shares;
        queue.virtual_time_ += std::max<std::uint64_t>(charged / queue.shares_, done);
    }
    return done;
}

}  // namespace ringway
