// What the kernel knows of how a thread spends its time.
#pragma once

#include <chrono>
#include <optional>

namespace ringway {

struct thread_times {
    std::chrono::nanoseconds ran{0};     ///< On a processor.
    std::chrono::nanoseconds queued{0};  ///< Able to run, without a processor to run on.
    bool runnable = false;               ///< On a processor or queued now, not asleep.
};

/// The times of the thread `thread` (gettid(2)) of this process, from /proc/self/task: `schedstat`
/// and the state in `stat`. A wait in the queue is counted when it ends. Empty where the kernel was
/// built without CONFIG_SCHED_INFO or /proc is not mounted.
[[nodiscard]] std::optional<thread_times> times_of(int thread) noexcept;

}  // namespace ringway
