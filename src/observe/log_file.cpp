#include "observe/log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/log.hpp>

namespace ringway::observe::detail {
namespace {

// A pipe that is ready takes this much without blocking (pipe(7)).
constexpr std::size_t pipe_piece_bytes = 4096;

}  // namespace

log_file::log_file(std::string path, const std::atomic<bool>& ending) noexcept
    : path_{std::move(path)}, ending_{ending} {}

result<void> log_file::open() {
    unique_fd opened;
    int fd = STDOUT_FILENO;
    if (path_ != "-") {
        constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
        // A FIFO that nobody reads is ENXIO, not a wait.
        opened = unique_fd{::open(path_.c_str(), flags | O_NONBLOCK, 0640)};
        if (!opened || ::fcntl(opened.get(), F_SETFL, flags & O_APPEND) != 0) {
            return fail_errno(errno);
        }
        fd = opened.get();
    }
    struct stat facts{};
    if (::fstat(fd, &facts) != 0) {
        return fail_errno(errno);
    }
    can_be_full_ = S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode) || ::isatty(fd) == 1;
    mid_line_ = false;
    fd_ = fd;
    file_ = std::move(opened);
    return {};
}

void log_file::write(std::span<const std::string_view> parts) noexcept {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].empty()) {
            continue;
        }
        if (mid_line_ && i == 0 && write_some("\n").size == 1) {
            mid_line_ = false;  // What follows a line that broke off starts on a new one.
        }
        const auto done = write_some(parts[i]);
        if (done.size > 0) {
            mid_line_ = parts[i][done.size - 1] != '\n';
        }
        if (done.failure != 0) {
            give_up(parts.subspan(i), done.size, done.failure);
            return;
        }
    }
}

log_file::written log_file::write_some(std::string_view bytes) const noexcept {
    std::size_t done = 0;
    while (done < bytes.size()) {
        auto piece = bytes.substr(done);
        if (can_be_full_) {
            if (!wait_for_room()) {
                return {done, ETIMEDOUT};
            }
            piece = piece.substr(0, pipe_piece_bytes);
        }
        const auto n = ::write(fd_, piece.data(), piece.size());
        if (n >= 0) {
            done += static_cast<std::size_t>(n);
        } else if (errno != EINTR && errno != EAGAIN) {
            return {done, errno};
        }
    }
    return {done, 0};
}

bool log_file::wait_for_room() const noexcept {
    constexpr std::chrono::milliseconds step{100};
    std::chrono::milliseconds waited_at_end{0};
    while (waited_at_end < patience) {
        pollfd waiting{.fd = fd_, .events = POLLOUT, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(step.count())) > 0) {
            return true;  // Or an error, which the write will tell.
        }
        if (ending_.load(std::memory_order_relaxed)) {
            waited_at_end += step;
        }
    }
    return false;
}

void log_file::give_up(std::span<const std::string_view> parts, std::size_t skip,
                       int failure) noexcept {
    for (const auto part : parts) {
        lost_.add(static_cast<std::uint64_t>(std::ranges::count(part.substr(skip), '\n')));
        skip = 0;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now < next_report_) {
        return;
    }
    next_report_ = now + report_interval;
    log_line(log_level::warning,
             fmt::format("access log: cannot write to {}: {}; {} lines lost so far", path_,
                         describe(error_from_errno(failure)), lost_.get()));
}

}  // namespace ringway::observe::detail
