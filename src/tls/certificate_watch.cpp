#include <ringway/tls/certificate_watch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <ringway/ring/await.hpp>

namespace ringway::tls {
namespace {

// Not IN_MODIFY: a file is of use when its writer has closed it.
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

result<void> certificate_watch::watch(std::span<const std::string> directories) noexcept {
    // A new one instead of fewer and more watches: this happens a few times a year.
    inotify_ = unique_fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (!inotify_) {
        return fail_errno(errno);
    }
    for (const auto& each : directories.first(std::min(directories.size(), directories_max))) {
        if (::inotify_add_watch(inotify_.get(), each.c_str(), changes) < 0 && errno == ENOSPC) {
            return fail_errno(errno);
        }
    }
    return {};
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

bool certificate_watch::take_events() noexcept {
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool any = false;
    while (::read(inotify_.get(), buffer.data(), buffer.size()) > 0) {
        any = true;
    }
    return any;
}

}  // namespace ringway::tls
