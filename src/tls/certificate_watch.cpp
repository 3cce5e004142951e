#include <ringway/tls/certificate_watch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

#include <ringway/ring/await.hpp>

namespace ringway::tls {
namespace {

// Not IN_MODIFY: a file is of use when its writer has closed it.
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

result<void> certificate_watch::watch(std::span<const std::string> directories) {
    if (!inotify_) {  // One for ever: a driver may remember the descriptor.
        inotify_ = unique_fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    }
    if (!inotify_) {
        return fail_errno(errno);
    }
    int failure = 0;
    std::vector<int> now;
    for (const auto& each : directories.first(std::min(directories.size(), directories_max))) {
        // What is watched already keeps its number; a directory in its place gets another.
        const int watch = ::inotify_add_watch(inotify_.get(), each.c_str(), changes);
        failure = watch < 0 && errno == ENOSPC ? errno : failure;
        if (watch >= 0) {
            now.push_back(watch);
        }
    }
    for (const int before : watches_) {
        if (std::ranges::find(now, before) == now.end()) {
            ::inotify_rm_watch(inotify_.get(), before);
        }
    }
    watches_ = std::move(now);
    return failure == 0 ? result<void>{} : fail_errno(failure);
}

task<result<void>> certificate_watch::changed() {
    while (!take_events()) {
        operation op;
        op.kind = op_kind::poll;
        op.fd = inotify_.get();
        op.flags = POLLIN;
        const completion done = co_await await_operation{op};
        if (done.result < 0 && done.result != -EINTR) {
            co_return fail_errno(-done.result);
        }
    }
    co_return result<void>{};
}

// Whether something has happened. That a watch has ended is no change: `watch` does that itself.
bool certificate_watch::take_events() noexcept {
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool any = false;
    for (;;) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            return any;
        }
        for (ssize_t at = 0; at < size;) {
            const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
            any = any || event.mask != IN_IGNORED;
            at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
        }
    }
}

}  // namespace ringway::tls
