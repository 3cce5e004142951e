#include "lab/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

constexpr int could_not_enter = 126;
constexpr int could_not_run = 127;

std::string all_of(int file) {
    std::string text;
    std::array<char, 65536> piece{};
    ssize_t size = 0;
    while ((size = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(text.size()))) >
           0) {
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
    return text;
}

// In the child, as the next: system calls only.
void take_place(const placement& where) noexcept {
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    for (const auto core : where.cores) {
        CPU_SET(core, &wanted);
    }
    rlimit limit{};
    const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
    limit.rlim_cur = limit.rlim_max;
    if (::sched_setaffinity(0, sizeof wanted, &wanted) != 0 ||
        (known && ::setrlimit(RLIMIT_NOFILE, &limit) != 0)) {
        ::_exit(could_not_enter);
    }
    for (const auto& variable : where.environment) {
        ::putenv(const_cast<char*>(variable.c_str()));  // It keeps the pointer, and so do we.
    }
}

[[noreturn]] void become(const network* in, side at, const placement* on, char* const* arguments,
                         int output, int errors, pid_t parent) noexcept {
    if (in != nullptr && !in->enter(at)) {
        ::_exit(could_not_enter);
    }
    if (on != nullptr) {
        take_place(*on);
    }
    // Behind `enter`: a change of credentials takes it back (prctl(2)).
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(could_not_enter);  // It has died already.
    }
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(errors, STDERR_FILENO) < 0) {
        ::_exit(could_not_enter);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execvp(arguments[0], arguments);
    ::_exit(could_not_run);
}

}  // namespace

struct process::surroundings {
    const network* in = nullptr;
    side at = side::client;
    const placement* on = nullptr;
};

std::expected<process, std::string> process::start(const network& in, side at,
                                                   const std::vector<std::string>& arguments,
                                                   output_kind output) {
    return start_within({.in = &in, .at = at}, arguments, output);
}

std::expected<process, std::string> process::start_on(const placement& where,
                                                      const std::vector<std::string>& arguments,
                                                      output_kind output) {
    return start_within({.on = &where}, arguments, output);
}

std::expected<process, std::string> process::start_anywhere(
    const std::vector<std::string>& arguments, output_kind output) {
    return start_within({}, arguments, output);
}

std::expected<process, std::string> process::start_within(const surroundings& where,
                                                          const std::vector<std::string>& arguments,
                                                          output_kind output) {
    RW_ASSERT(!arguments.empty());
    process made;
    made.name_ = arguments[0];
    made.output_ = unique_fd{output == output_kind::kept ? ::memfd_create("output", MFD_CLOEXEC)
                                                         : ::open("/dev/null", O_RDWR | O_CLOEXEC)};
    made.errors_ = unique_fd{::memfd_create("errors", MFD_CLOEXEC)};
    std::vector<std::string> copies = arguments;
    std::vector<char*> pointers;
    pointers.reserve(copies.size() + 1);
    for (auto& copy : copies) {
        pointers.push_back(copy.data());
    }
    pointers.push_back(nullptr);
    const auto parent = ::getpid();
    made.id_ = ::fork();
    if (made.id_ == 0) {
        become(where.in, where.at, where.on, pointers.data(), made.output_.get(),
               made.errors_.get(), parent);
    }
    if (made.id_ < 0) {
        return std::unexpected{
            fmt::format("can't start {}: {}", made.name_, describe(error_from_errno(errno)))};
    }
    made.handle_ = unique_fd{static_cast<int>(::syscall(SYS_pidfd_open, made.id_, 0U))};
    return made;
}

process::process(process&& other) noexcept
    : id_{std::exchange(other.id_, -1)},
      name_{std::move(other.name_)},
      handle_{std::move(other.handle_)},
      output_{std::move(other.output_)},
      errors_{std::move(other.errors_)},
      ended_{other.ended_},
      status_{other.status_},
      cpu_time_{other.cpu_time_} {}

process::~process() {
    if (id_ > 0 && !ended_) {
        ::kill(id_, SIGKILL);
        while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

std::string process::output() const { return all_of(output_.get()); }
std::string process::errors() const { return all_of(errors_.get()); }

bool process::has_port(transport_protocol protocol, std::uint16_t port) const {
    const auto wanted = fmt::format(":{:04X} ", port);
    for (const auto* const version : {"", "6"}) {
        std::ifstream table{fmt::format("/proc/{}/net/{}{}", id_,
                                        protocol == transport_protocol::tcp ? "tcp" : "udp",
                                        version)};
        std::string line;
        while (std::getline(table, line)) {
            // "  0: 0200000A:1151 00000000:0000 ...": the local address comes first.
            const auto remote = line.find(' ', line.find(": ") + 2);
            if (line.substr(0, remote + 1).ends_with(wanted)) {
                return true;
            }
        }
    }
    return false;
}

void process::signal(int number) const noexcept {
    if (id_ > 0 && !ended_) {
        ::kill(id_, number);
    }
}

std::expected<int, std::string> process::wait(std::chrono::milliseconds limit) {
    if (ended_) {
        return status_;
    }
    pollfd ends{handle_.get(), POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        const int ready = ::poll(&ends, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) {
            break;
        }
        if (ready == 0) {
            return std::unexpected{fmt::format("{} has not ended within {} ms; it said: {}", name_,
                                               limit.count(), errors())};
        }
    }
    rusage used{};
    int status = 0;
    while (::wait4(id_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    ended_ = true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const auto time_of = [](const timeval& time) {
        return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
    };
    cpu_time_ = time_of(used.ru_utime) + time_of(used.ru_stime);
    if (status_ == could_not_enter) {
        return std::unexpected{
            fmt::format("can't start {} inside its namespace or on its core", name_)};
    }
    if (status_ == could_not_run && errors().empty()) {
        return std::unexpected{fmt::format("can't run {}: is it installed?", name_)};
    }
    return status_;
}

std::expected<finished_program, std::string> run_program(const network& in, side at,
                                                         const std::vector<std::string>& arguments,
                                                         std::chrono::milliseconds limit,
                                                         output_kind output) {
    auto running = process::start(in, at, arguments, output);
    if (!running) {
        return std::unexpected{std::move(running.error())};
    }
    const auto status = running->wait(limit);
    if (!status) {
        return std::unexpected{status.error()};
    }
    return finished_program{.status = *status,
                            .output = running->output(),
                            .errors = running->errors(),
                            .cpu_time = running->cpu_time()};
}

}  // namespace ringway::lab
