#include "probe/run_trials.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/core.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What a child writes for each trial, followed by both texts. As a whole it fits into one atomic
// write to a pipe (PIPE_BUF, pipe(7)).
struct record_head {
    std::uint16_t detail_bytes;
    std::uint16_t fix_bytes;
    state has;
};
constexpr std::size_t text_bytes_max = 1500;

void write_record(int to, const outcome& what) noexcept {
    std::array<char, sizeof(record_head) + 2 * text_bytes_max> bytes{};
    const record_head head{static_cast<std::uint16_t>(std::min(what.detail.size(), text_bytes_max)),
                           static_cast<std::uint16_t>(std::min(what.fix.size(), text_bytes_max)),
                           what.has};
    std::memcpy(bytes.data(), &head, sizeof head);
    std::memcpy(bytes.data() + sizeof head, what.detail.data(), head.detail_bytes);
    std::memcpy(bytes.data() + sizeof head + head.detail_bytes, what.fix.data(), head.fix_bytes);
    const std::size_t size = sizeof head + head.detail_bytes + head.fix_bytes;
    if (::write(to, bytes.data(), size) != static_cast<ssize_t>(size)) {
        ::_exit(1);
    }
}

// Takes a whole record off the front of `bytes`, if there is one.
std::optional<outcome> take_record(std::string& bytes) {
    record_head head{};
    if (bytes.size() < sizeof head) {
        return std::nullopt;
    }
    std::memcpy(&head, bytes.data(), sizeof head);
    const std::size_t size = sizeof head + head.detail_bytes + head.fix_bytes;
    if (bytes.size() < size) {
        return std::nullopt;
    }
    outcome what{.has = head.has,
                 .detail = bytes.substr(sizeof head, head.detail_bytes),
                 .fix = bytes.substr(sizeof head + head.detail_bytes, head.fix_bytes)};
    bytes.erase(0, size);
    return what;
}

[[noreturn]] void be_child(std::span<const trial> trials, int to) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{};  // A trial that crashes leaves no file behind.
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGPIPE, SIG_IGN);
    for (const trial& each : trials) {
        write_record(to, each.run(each.argument));
    }
    ::_exit(0);
}

// After SIGKILL. What hangs in the kernel is left to init.
void reap(pid_t child, int& status) noexcept {
    for (int i = 0; i < 50; ++i) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended != 0 && (ended != -1 || errno != EINTR)) {
            return;
        }
        const timespec pause{.tv_sec = 0, .tv_nsec = 4'000'000};
        ::nanosleep(&pause, nullptr);
    }
}

outcome end_of(int status) {
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
        return found_no("a seccomp filter kills the process that tries");
    }
    if (WIFSIGNALED(status)) {
        return found_nothing(
            fmt::format("the trial was ended by SIG{}", ::sigabbrev_np(WTERMSIG(status))));
    }
    return found_nothing("the trial's process ended early");
}

class trial_run {
public:
    trial_run(std::span<const trial> trials, const trial_limits& limits)
        : trials_{trials}, limits_{limits}, deadline_{clock::now() + limits.all} {
        ::uname(&system_);
    }

    std::vector<finding> run() {
        while (found_.size() < trials_.size()) {
            if (clock::now() >= deadline_) {
                add(found_nothing("there was no time left for it"));
            } else {
                run_child();
            }
        }
        return std::move(found_);
    }

private:
    void add(const outcome& what) {
        RW_ASSERT(found_.size() < trials_.size());
        found_.push_back(finding_of(trials_[found_.size()], what, system_.release));
    }

    // Runs what is left, until the end or the first trial that does not come back.
    void run_child() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return add(found_nothing("no pipe: " + error_text(errno)));
        }
        unique_fd from{ends[0]};
        unique_fd to{ends[1]};
        const pid_t child = ::fork();
        if (child < 0) {
            return add(found_nothing("no process could be started: " + error_text(errno)));
        }
        if (child == 0) {
            be_child(trials_.subspan(found_.size()), to.get());
        }
        to.reset();
        const bool answered = read_all(from.get());
        if (!answered) {
            ::kill(child, SIGKILL);
        }
        int status = 0;
        reap(child, status);
        if (!answered) {
            add(found_nothing(fmt::format("no answer within {} ms", limits_.each.count())));
        } else if (found_.size() < trials_.size()) {
            add(end_of(status));
        }
    }

    // False if a trial took too long.
    bool read_all(int from) {
        std::string bytes;
        std::array<char, 4096> piece;
        for (;;) {
            pollfd wait{.fd = from, .events = POLLIN, .revents = 0};
            const int ready = ::poll(&wait, 1, static_cast<int>(limits_.each.count()));
            if (ready == 0) {
                return false;
            }
            const ssize_t size = ready < 0 ? -1 : ::read(from, piece.data(), piece.size());
            if (size <= 0 && (size == 0 || errno != EINTR)) {
                return true;
            }
            bytes.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
            while (const auto what = take_record(bytes)) {
                add(*what);
            }
        }
    }

    std::span<const trial> trials_;
    const trial_limits& limits_;
    clock::time_point deadline_;
    utsname system_{};
    std::vector<finding> found_;
};

}  // namespace

std::vector<finding> run_trials(std::span<const trial> trials, const trial_limits& limits) {
    return trial_run{trials, limits}.run();
}

int run_in_child(int (*what)()) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::_exit(what());
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

}  // namespace ringway::probe
