// Finds coroutines that hold their shard for too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ringway {

class shard;

struct stall_options {
    /// How long a coroutine may run without giving its shard back.
    std::chrono::nanoseconds limit{std::chrono::milliseconds{20}};
    /// Print where the coroutine is, by a signal (SIGURG) to its thread: backtrace(3) to standard
    /// error. A blocking system call is interrupted by that, and restarted where signal(7) says so.
    bool print_stacks = false;
};

/// A thread that looks every few milliseconds at what the shards are doing.
///
/// A coroutine that runs for longer than the limit is one stall, however long it goes on: counted
/// in `shard_counters` and reported by a line of the log, at most one a second for each shard. Time
/// that the thread of the shard waited for a processor does not count, where the kernel tells it
/// (CONFIG_SCHED_INFO). The thread looks only so often: what lasts less than twice the limit may be
/// missed, after a quiet time what lasts less than ten times the limit, and durations are short by
/// up to half the limit. The shards pay one relaxed store per resumed coroutine.
class stall_detector {
public:
    explicit stall_detector(const stall_options& options);
    stall_detector(const stall_detector&) = delete;
    stall_detector& operator=(const stall_detector&) = delete;
    /// No shard may be watched any more.
    ~stall_detector();

    /// Watches `here` from now on; on the thread of that shard, before it runs.
    void watch(shard& here);

    /// Ends that; on the same thread, before it ends. Does nothing for a shard that is not watched.
    void forget(shard& here) noexcept;

private:
    struct watched;

    void monitor() noexcept;
    bool look_at_all(std::chrono::nanoseconds now) noexcept;
    void look_at(watched& one, std::chrono::nanoseconds now) noexcept;
    void report(watched& one, std::chrono::nanoseconds now) const noexcept;

    stall_options options_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<watched>> watched_;
    std::thread thread_;
};

}  // namespace ringway
