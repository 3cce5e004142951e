// Limits of this process and its container.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fmt/core.h>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

// What a server of many connections wants; each takes a descriptor.
constexpr rlim_t descriptors_wanted = 10'240;

outcome descriptors(argument) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return refused(errno);
    }
    const auto text = limit.rlim_max == RLIM_INFINITY
                          ? fmt::format("{}, can be raised to any", limit.rlim_cur)
                          : fmt::format("{}, can be raised to {}", limit.rlim_cur, limit.rlim_max);
    return limit.rlim_max >= descriptors_wanted
               ? found_yes(text)
               : found_partial(text, "ulimit -n 65536 # as root; systemd: LimitNOFILE=65536");
}

// 1 MiB is locked for an instant, because the limit does not count for CAP_IPC_LOCK.
outcome locked_memory(argument) {
    rlimit limit{};
    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    const auto text = limit.rlim_cur == RLIM_INFINITY
                          ? std::string{"unlimited"}
                          : fmt::format("{} KiB", limit.rlim_cur / 1024);
    const std::string fix = "ulimit -l 8192 # systemd: LimitMEMLOCK=8M";
    void* const memory = ::mmap(nullptr, mebibyte, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return refused(errno);
    }
    const bool locked = ::mlock(memory, mebibyte) == 0;
    const int why = errno;
    ::munmap(memory, mebibyte);
    if (!locked) {
        return found_no(fmt::format("{}; locking 1 MiB: {}", text, error_text(why)), fix);
    }
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= 8 * mebibyte) {
        return found_yes(text);
    }
    return limit.rlim_cur >= mebibyte ? found_partial(text, fix)
                                      : found_yes(text + ", but CAP_IPC_LOCK has none");
}

outcome usable_cores(argument) {
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0) {
        return refused(errno);
    }
    const int mine = CPU_COUNT(&usable);
    const int all = ::get_nprocs_conf();
    const auto text = fmt::format("{} of {}", mine, all);
    return mine >= all ? found_yes(text) : found_partial(text, "taskset -c 0-N, or the container");
}

// cgroup v2, cpu.max: "quota period" or "max period".
outcome processor_quota(argument) {
    const auto line = first_line_of("/sys/fs/cgroup/cpu.max");
    if (line.empty() || line.starts_with("max")) {
        return found_yes("none");
    }
    char* rest = nullptr;
    const double quota = std::strtod(line.c_str(), &rest);
    const double period = std::strtod(rest, nullptr);
    if (period <= 0) {
        return found_nothing("cpu.max makes no sense: " + line);
    }
    return found_partial(fmt::format("{:.2g} cores", quota / period),
                         "give the container whole cores (docker run --cpuset-cpus)");
}

outcome memory_limit(argument) {
    const auto line = first_line_of("/sys/fs/cgroup/memory.max");
    if (line.empty() || line == "max") {
        return found_yes("none");
    }
    const auto bytes = std::strtoull(line.c_str(), nullptr, 10);
    constexpr std::uint64_t enough = 512 * mebibyte;
    const auto text = fmt::format("{} MiB", bytes / mebibyte);
    return bytes >= enough ? found_yes(text)
                           : found_partial(text, "give the container at least 512 MiB");
}

outcome pipe_pages(argument) {
    const auto line = first_line_of("/proc/sys/fs/pipe-user-pages-soft");
    if (line.empty()) {
        return found_nothing("/proc/sys/fs/pipe-user-pages-soft can't be read");
    }
    return found_yes(line + " pages of all pipes of a user");
}

constexpr auto about = topic::limits;

}  // namespace

std::vector<trial> limit_trials() {
    return {
        {"limits.nofile", about, "descriptors", "", "RLIMIT_NOFILE",
         "Each connection takes one; serve raises the limit itself as far as it may", "", true,
         descriptors},
        {"limits.memlock", about, "locked memory", "", "RLIMIT_MEMLOCK, mlock(2) of 1 MiB",
         "Registered buffers of io_uring, and AF_XDP", "", false, locked_memory},
        {"limits.cores", about, "cores", "", "sched_getaffinity(2)", "serve runs one shard on each",
         "", false, usable_cores},
        {"limits.cpu_quota", about, "no limit of CPU time", "4.15", "cgroup v2, cpu.max",
         "A quota stops all shards at once until the next period", "", false, processor_quota},
        {"limits.memory", about, "memory of the container", "4.5", "cgroup v2, memory.max",
         "The page cache is what makes files fast", "", false, memory_limit},
        {"limits.pipes", about, "memory of pipes", "4.5", "fs.pipe-user-pages-soft",
         "splice through many pipes gets slow beyond it", "", false, pipe_pages},
    };
}

}  // namespace ringway::probe
