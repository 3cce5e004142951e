// What a process used while something was done: processor time and system calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sys/types.h>

#include "lab/measurement.hpp"
#include "lab/outcome.hpp"
#include "lab/syscall_counter.hpp"

namespace ringway::lab {

/// Processor time of all threads that a process has or had, io_uring's workers (iou-wrk, iou-sqp)
/// among them, and of none of its children, to the nanosecond (clock_getcpuclockid(3)). Zero when
/// the process is gone.
[[nodiscard]] std::chrono::nanoseconds processor_time_of(pid_t process) noexcept;

/// Meters from when it is made until `finish`.
class usage_meter {
public:
    /// Of `process`; ::getpid() for what is measured inside this one. `count_syscalls` as
    /// trial::counting says.
    usage_meter(pid_t process, bool count_syscalls);

    /// Notes what was done since: rate and bytes by the time that has passed, processor time per
    /// operation and as a share of a core, and system calls if they were counted.
    void finish(measurement& into, std::uint64_t operations, std::uint64_t bytes);

    /// As above, where `seconds` is the time that the operations took by another's clock.
    void finish(measurement& into, std::uint64_t operations, std::uint64_t bytes, double seconds);

private:
    pid_t process_;
    std::optional<outcome<syscall_counter>> syscalls_;
    std::chrono::nanoseconds cpu_before_;
    std::chrono::steady_clock::time_point begin_;
};

}  // namespace ringway::lab
