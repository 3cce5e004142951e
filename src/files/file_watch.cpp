#include <ringway/files/file_watch.hpp>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/log.hpp>
#include <ringway/ring/await.hpp>

namespace ringway::files {
namespace {

constexpr std::uint32_t changes = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF |
                                  IN_MOVE_SELF;

std::string_view directory_of(std::string_view path) noexcept {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

}  // namespace

result<void> file_watch::open() noexcept {
    inotify_ = unique_fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (!inotify_) {
        return fail_errno(errno);
    }
    return {};
}

void file_watch::add_file(std::string_view path) {
    if (!inotify_ || by_path_.size() >= directories_max) {
        return;
    }
    std::string_view directory = directory_of(path);
    while (!by_path_.contains(directory)) {
        add_directory(directory);
        if (directory.empty()) {
            return;
        }
        directory = directory_of(directory);
    }
}

void file_watch::add_directory(std::string_view path) {
    const std::string name = path.empty() ? "." : std::string{path};
    const unique_fd fd{::openat(root_.fd(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    // inotify has no call that takes a descriptor; this name leads to what is opened.
    const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
    const int watch = fd ? ::inotify_add_watch(inotify_.get(), link.c_str(), changes) : -1;
    if (watch < 0) {
        if (errno == ENOSPC && !told_of_limit_) {
            told_of_limit_ = true;
            log_line(log_level::warning,
                     "too many directories to watch (sysctl fs.inotify.max_user_watches): changes "
                     "in the others are seen after --cache-ttl");
        }
        return;
    }
    by_path_.emplace(path, watch);
    by_watch_[watch].emplace_back(path);
}

task<void> file_watch::run() {
    while (inotify_) {
        operation op;
        op.kind = op_kind::poll;
        op.fd = inotify_.get();
        op.flags = POLLIN;
        const completion done = co_await await_operation{op};
        if (done.result < 0 && done.result != -EINTR) {
            co_return;
        }
        read_events();
    }
}

void file_watch::read_events() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (;;) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            return;
        }
        for (ssize_t at = 0; at < size;) {
            const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
            if (!tell(event.wd, event.mask, event.len > 0 ? event.name : "")) {
                forget_all();
                return;
            }
        }
    }
}

// Passes one event on, for every path of its directory. False if anything may have changed.
bool file_watch::tell(int watch, std::uint32_t mask, std::string_view name) {
    if ((mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
        return false;
    }
    const auto found = by_watch_.find(watch);
    if (found == by_watch_.end() || name.empty()) {
        return true;
    }
    for (const std::string& directory : found->second) {
        std::string child = directory;
        child += directory.empty() ? "" : "/";
        child += name;
        // A directory that moved takes everything below it along; so does a link to one.
        if (by_path_.contains(child) && (mask & IN_ATTRIB) == 0) {
            return false;
        }
        told_.changed(directory, name);
    }
    return true;
}

void file_watch::forget_all() {
    for (const auto& [watch, paths] : by_watch_) {
        ::inotify_rm_watch(inotify_.get(), watch);
    }
    by_watch_.clear();
    by_path_.clear();
    told_.everything_changed();
}

}  // namespace ringway::files
