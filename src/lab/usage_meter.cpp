#include "lab/usage_meter.hpp"

#include <ctime>

namespace ringway::lab {

std::chrono::nanoseconds processor_time_of(pid_t process) noexcept {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
        return {};
    }
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

usage_meter::usage_meter(pid_t process, bool count_syscalls) : process_{process} {
    if (count_syscalls) {
        syscalls_ = syscall_counter::attach(process);
    }
    cpu_before_ = processor_time_of(process);
    begin_ = std::chrono::steady_clock::now();
}

void usage_meter::finish(measurement& into, std::uint64_t operations, std::uint64_t bytes) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    finish(into, operations, bytes, passed.count());
}

void usage_meter::finish(measurement& into, std::uint64_t operations, std::uint64_t bytes,
                         double seconds) {
    const auto used = processor_time_of(process_) - cpu_before_;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    into.set_counts(operations, bytes, seconds);
    if (used.count() > 0) {
        into.set(metric::busy, std::chrono::duration<double>{used} / passed * 100);
        if (operations > 0) {
            into.set(metric::cpu, std::chrono::duration<double, std::micro>{used}.count() /
                                      static_cast<double>(operations));
        }
    }
    if (!syscalls_) {
        return;
    }
    if (!*syscalls_) {
        into.remark = syscalls_->error();
    } else if (operations > 0) {
        into.set(metric::syscalls,
                 static_cast<double>((*syscalls_)->count()) / static_cast<double>(operations));
    }
}

}  // namespace ringway::lab
