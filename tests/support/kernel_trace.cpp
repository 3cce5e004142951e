#include "support/kernel_trace.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace ringway::test {
namespace {

constexpr std::string_view events[] = {
    "io_uring/io_uring_submit_req",      "io_uring/io_uring_create",
    "syscalls/sys_enter_pread64",        "syscalls/sys_enter_pwrite64",
    "syscalls/sys_enter_splice",         "syscalls/sys_enter_sendfile64",
    "syscalls/sys_enter_madvise",        "syscalls/sys_enter_ioctl",
    "syscalls/sys_enter_fcntl",          "syscalls/sys_enter_mmap",
    "syscalls/sys_enter_copy_file_range"};

bool put(const std::string& path, std::string_view text) {
    std::ofstream out{path};
    out << text;
    out.flush();
    return out.good();
}

}  // namespace

std::unique_ptr<kernel_trace> kernel_trace::make(std::string& why_not) {
    const std::string path =
        "/sys/kernel/tracing/instances/ringway-test-" + std::to_string(::getpid());
    if (::geteuid() != 0 || ::mkdir(path.c_str(), 0700) != 0) {
        why_not = "watching the kernel needs root and tracefs in /sys/kernel/tracing";
        return nullptr;
    }
    std::unique_ptr<kernel_trace> made{new kernel_trace{path}};
    // Without processes to watch it would be all of them.
    bool ready = put(path + "/tracing_on", "0") && put(path + "/buffer_size_kb", "4096") &&
                 put(path + "/options/event-fork", "1");
    for (const std::string_view event : events) {
        ready = ready && put(path + "/events/" + std::string{event} + "/enable", "1");
    }
    if (!ready) {
        why_not = "this kernel does not tell of system calls and of io_uring";
        return nullptr;
    }
    return made;
}

kernel_trace::~kernel_trace() {
    stop();
    ::rmdir(path_.c_str());
}

void kernel_trace::stop() const {
    static_cast<void>(put(path_ + "/tracing_on", "0") && put(path_ + "/trace", ""));
}

ended_process kernel_trace::run(const launch& what) const {
    stop();
    launch watched = what;
    watched.program = "sh";
    watched.arguments = {"-c",
                         "echo $$ > " + path_ + "/set_event_pid; echo 1 > " + path_ +
                             "/tracing_on; exec \"$0\" \"$@\"",
                         what.program};
    watched.arguments.insert(watched.arguments.end(), what.arguments.begin(), what.arguments.end());
    return run_program(watched);
}

void kernel_trace::follow(pid_t process) const {
    std::string threads;
    for (const auto& each :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task"}) {
        threads += each.path().filename().string() + ' ';
    }
    stop();
    static_cast<void>(put(path_ + "/set_event_pid", threads) && put(path_ + "/tracing_on", "1"));
}

std::string kernel_trace::text() const {
    std::ifstream in{path_ + "/trace"};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t kernel_trace::count(std::string_view what) const {
    const std::string name{what};
    return lines_with(": sys_" + name + "(", "") + lines_with("opcode " + name + ",", "");
}

std::size_t kernel_trace::lines_with_flag(std::string_view text, std::uint64_t bit) const {
    std::ifstream in{path_ + "/trace"};
    constexpr std::string_view mark = "flags ";
    std::size_t found = 0;
    for (std::string line; std::getline(in, line);) {
        const auto at = line.find(mark);
        if (at != std::string::npos && line.contains(text)) {
            const auto flags = std::strtoull(line.c_str() + at + mark.size(), nullptr, 16);
            found += (flags & bit) != 0 ? 1 : 0;
        }
    }
    return found;
}

std::size_t kernel_trace::lines_with(std::string_view text, std::string_view and_text) const {
    std::ifstream in{path_ + "/trace"};
    std::size_t found = 0;
    for (std::string line; std::getline(in, line);) {
        found += line.contains(text) && line.contains(and_text) ? 1 : 0;
    }
    return found;
}

}  // namespace ringway::test
