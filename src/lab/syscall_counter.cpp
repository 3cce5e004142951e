#include "lab/syscall_counter.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <linux/perf_event.h>
#include <optional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

constexpr const char* tracefs = "/sys/kernel/tracing";
constexpr const char* tracepoint = "events/raw_syscalls/sys_enter/id";

std::optional<std::uint64_t> read_id(const std::string& path) {
    std::ifstream file{path};
    std::uint64_t id = 0;
    return file >> id ? std::optional{id} : std::nullopt;
}

// In a child: a mount namespace of its own with tracefs in it, where nobody has mounted that.
// System calls only.
[[noreturn]] void tell_id_from_own_mount(int to) noexcept {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tracefs", tracefs, "tracefs", 0, nullptr) != 0 || ::chdir(tracefs) != 0) {
        ::_exit(1);
    }
    char text[32];
    const int file = ::open(tracepoint, O_RDONLY | O_CLOEXEC);
    const auto size = ::read(file, text, sizeof text);
    ::_exit(size > 0 && ::write(to, text, static_cast<std::size_t>(size)) == size ? 0 : 1);
}

std::optional<std::uint64_t> id_from_own_mount() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return std::nullopt;
    }
    const unique_fd from{ends[0]};
    unique_fd to{ends[1]};
    const pid_t child = ::fork();
    if (child == 0) {
        tell_id_from_own_mount(to.get());
    }
    to = unique_fd{};
    char text[32]{};
    const auto size = ::read(from.get(), text, sizeof text);
    while (child > 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    std::uint64_t id = 0;
    return size > 0 && std::from_chars(text, text + size, id).ec == std::errc{} ? std::optional{id}
                                                                                : std::nullopt;
}

std::optional<std::uint64_t> tracepoint_id() {
    static const auto id = [] {
        for (const auto* const root : {tracefs, "/sys/kernel/debug/tracing"}) {
            if (const auto found = read_id(fmt::format("{}/{}", root, tracepoint))) {
                return found;
            }
        }
        return id_from_own_mount();
    }();
    return id;
}

unique_fd open_event(std::uint64_t id, pid_t thread) {
    perf_event_attr wanted{};
    wanted.size = sizeof wanted;
    wanted.type = PERF_TYPE_TRACEPOINT;
    wanted.config = id;
    wanted.inherit = 1;
    return unique_fd{static_cast<int>(
        ::syscall(SYS_perf_event_open, &wanted, thread, -1, -1, PERF_FLAG_FD_CLOEXEC))};
}

}  // namespace

outcome<syscall_counter> syscall_counter::attach(pid_t process) {
    const auto id = tracepoint_id();
    if (!id) {
        return std::unexpected{
            std::string{"system calls are not counted: no tracepoint raw_syscalls (needs tracefs, "
                        "and root to mount it)"}};
    }
    syscall_counter made;
    std::error_code failed;
    for (const auto& each :
         std::filesystem::directory_iterator{fmt::format("/proc/{}/task", process), failed}) {
        auto event = open_event(*id, static_cast<pid_t>(std::stol(each.path().filename())));
        if (!event && errno != ESRCH) {
            return std::unexpected{
                fmt::format("system calls are not counted: {} (needs CAP_PERFMON)",
                            describe(error_from_errno(errno)))};
        }
        if (event) {
            made.events_.push_back(std::move(event));
        }
    }
    if (made.events_.empty()) {
        return std::unexpected{
            fmt::format("system calls are not counted: there is no process {}", process)};
    }
    return made;
}

std::uint64_t syscall_counter::count() const {
    std::uint64_t all = 0;
    for (const auto& event : events_) {
        std::uint64_t value = 0;
        if (::read(event.get(), &value, sizeof value) == sizeof value) {
            all += value;
        }
    }
    return all;
}

}  // namespace ringway::lab
