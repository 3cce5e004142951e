#include "cli/bench_apart.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

#include "cli/bench_signals.hpp"

namespace ringway::cli {
namespace {

constexpr char end_of_record = '\0';  // JSON has none.
constexpr int look_interval_ms = 100;

bool write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(to, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

[[noreturn]] void be_child(const std::function<void(const result_sink&)>& work, int to,
                           pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(1);  // It has died already.
    }
    forget_signals();
    bool told = true;
    work([to, &told](const lab::bench_run_record& found) {
        told = write_all(to, lab::to_json(found) + end_of_record) && told;
    });
    std::fflush(nullptr);
    ::_exit(told ? 0 : 1);
}

// Hands on each record that is complete.
void take_records(std::string& bytes, const result_sink& take) {
    std::size_t end = 0;
    while ((end = bytes.find(end_of_record)) != std::string::npos) {
        if (const auto record = lab::from_json(std::string_view{bytes}.substr(0, end))) {
            take(*record);
        }
        bytes.erase(0, end + 1);
    }
}

void read_records(int from, pid_t child, const result_sink& take) {
    std::string bytes;
    std::array<char, 65536> piece{};
    bool handed_on = false;
    for (;;) {
        pollfd news{from, POLLIN, 0};
        const int ready = ::poll(&news, 1, look_interval_ms);
        if (interrupted() && !handed_on) {
            handed_on = true;
            ::kill(child, SIGINT);
        }
        if (ready <= 0) {
            continue;
        }
        const auto size = ::read(from, piece.data(), piece.size());
        if (size == 0 || (size < 0 && errno != EINTR)) {
            return;
        }
        bytes.append(piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
        take_records(bytes, take);
    }
}

std::string end_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        return fmt::format("it was ended by signal {} ({})", WTERMSIG(status),
                           ::strsignal(WTERMSIG(status)));
    }
    return WEXITSTATUS(status) == 0 ? ""
                                    : fmt::format("it ended with status {}", WEXITSTATUS(status));
}

}  // namespace

std::string run_apart(const std::function<void(const result_sink&)>& work,
                      const result_sink& take) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fmt::format("no pipe: {}", describe(error_from_errno(errno)));
    }
    const unique_fd from{ends[0]};
    unique_fd to{ends[1]};
    std::fflush(nullptr);
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child < 0) {
        return fmt::format("no process: {}", describe(error_from_errno(errno)));
    }
    if (child == 0) {
        be_child(work, to.get(), parent);
    }
    to.reset();
    read_records(from.get(), child, take);
    return end_of(child);
}

}  // namespace ringway::cli
