// Counting the system calls of a process.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/outcome.hpp"

namespace ringway::lab {

/// Counts entries into the kernel by system call, of all threads that `process` has when this is
/// made and of all that those start (perf_event_open(2), tracepoint raw_syscalls:sys_enter). What
/// kernel threads do (SQPOLL, io-wq) is no system call and is not counted: that is the point of
/// those.
///
/// It makes every call slower while it lives: count apart from measuring time.
class syscall_counter {
public:
    /// Fails with a line for people where the kernel has no such tracepoint or does not let us:
    /// it needs CAP_PERFMON or perf_event_paranoid of -1, and tracefs(7).
    [[nodiscard]] static outcome<syscall_counter> attach(pid_t process);

    /// Calls since it was made.
    [[nodiscard]] std::uint64_t count() const;

private:
    std::vector<unique_fd> events_;  // One of each thread.
};

}  // namespace ringway::lab
