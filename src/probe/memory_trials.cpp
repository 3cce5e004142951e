// Huge pages, clocks and what else makes a machine fast or slow.
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>
#include <string>
#include <sys/mman.h>
#include <time.h>

#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr std::size_t huge_page = std::size_t{2} << 20U;

outcome huge_pages(argument) {
    void* const memory = ::mmap(nullptr, huge_page, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (memory == MAP_FAILED) {
        return refused(errno, errno == ENOMEM ? "sudo sysctl -w vm.nr_hugepages=64" : "");
    }
    ::munmap(memory, huge_page);
    return found_yes();
}

// Whether a page fault really yields one is told by smaps; the setting says whether it may.
outcome transparent_huge_pages(argument) {
    const auto line = first_line_of("/sys/kernel/mm/transparent_hugepage/enabled");
    if (line.empty()) {
        return found_nothing("/sys/kernel/mm/transparent_hugepage can't be read");
    }
    if (line.contains("[never]")) {
        return found_no(line,
                        "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
    }
    return found_yes(line);
}

outcome clock_source(argument) {
    const auto line =
        first_line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    timespec begin{};
    timespec end{};
    constexpr int times = 1000;
    ::clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < times; ++i) {
        ::clock_gettime(CLOCK_MONOTONIC, &end);
    }
    const auto nanoseconds =
        (end.tv_sec - begin.tv_sec) * 1'000'000'000 + end.tv_nsec - begin.tv_nsec;
    const auto text =
        fmt::format("{}{}{} ns a reading", line, line.empty() ? "" : ", ", nanoseconds / times);
    constexpr long slow = 200;  // A system call instead of a few instructions.
    return nanoseconds / times < slow
               ? found_yes(text)
               : found_partial(text, "boot with clocksource=tsc, if the machine's is stable");
}

outcome governor(argument) {
    const auto line = first_line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    if (line.empty()) {
        return found_yes("none to be seen, as in most virtual machines");
    }
    return line == "performance"
               ? found_yes(line)
               : found_partial(line, "sudo cpupower frequency-set -g performance");
}

outcome isolated_cores(argument) {
    const auto line = first_line_of("/sys/devices/system/cpu/isolated");
    return line.empty() ? found_no("none") : found_yes("cores " + line);
}

outcome numa_nodes(argument) {
    std::error_code failed;
    unsigned nodes = 0;
    const std::filesystem::directory_iterator all{"/sys/devices/system/node", failed};
    if (failed) {
        return found_nothing("/sys/devices/system/node can't be read");
    }
    for (const auto& each : all) {
        const auto name = each.path().filename().string();
        nodes += name.starts_with("node") && name.size() > 4 && name[4] >= '0' && name[4] <= '9';
    }
    return nodes <= 1 ? found_yes("one node")
                      : found_partial(fmt::format("{} nodes", nodes),
                                      "numactl --cpunodebind=0 --membind=0, by the card's node");
}

constexpr auto about = topic::limits;

}  // namespace

std::vector<trial> memory_trials() {
    return {
        {"limits.huge_pages", about, "huge pages", "2.6.32", "mmap(2), MAP_HUGETLB",
         "AF_XDP and large tables with fewer misses", "", false, huge_pages},
        {"limits.transparent_huge_pages", about, "transparent huge pages", "2.6.38",
         "its setting in sysfs", "The same without reserving", "", false, transparent_huge_pages},
        {"limits.clock", about, "clock", "", "1,000 readings",
         "Timers and measurements ask it all the time", "", false, clock_source},
        {"limits.governor", about, "frequency governor", "2.6.9", "cpufreq of core 0",
         "Others wait before they clock up: worse latencies", "", false, governor},
        {"limits.isolated", about, "isolated cores", "2.6", "cpu/isolated in sysfs",
         "Latencies below 50 us at the 99.9th percentile",
         "isolcpus=N nohz_full=N on the kernel's command line", false, isolated_cores},
        {"limits.numa", about, "memory nodes", "", "node in sysfs",
         "Memory of another node is half as fast", "", false, numa_nodes},
    };
}

}  // namespace ringway::probe
