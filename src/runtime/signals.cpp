#include <ringway/runtime/signals.hpp>

#include <cerrno>
#include <ctime>
#include <initializer_list>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

result<signal_set> signal_set::open(std::initializer_list<int> signals) noexcept {
    sigset_t taken;
    ::sigemptyset(&taken);
    for (const int signal : signals) {
        if (::sigaddset(&taken, signal) != 0) {
            return fail_errno(errno);
        }
    }
    unique_fd fd{::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!fd) {
        return fail_errno(errno);
    }
    sigset_t before;
    RW_ASSERT(::pthread_sigmask(SIG_BLOCK, &taken, &before) == 0);
    return signal_set{std::move(fd), taken, before};
}

// Waiting and reading are two steps: an asynchronous read of a signalfd may end up on a kernel
// thread, for which other signals are pending than for this one.
task<result<int>> signal_set::next() {
    RW_ASSERT(fd_);
    for (;;) {
        signalfd_siginfo info{};
        const ssize_t got = ::read(fd_.get(), &info, sizeof(info));
        if (got == static_cast<ssize_t>(sizeof(info))) {
            co_return static_cast<int>(info.ssi_signo);
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            co_return fail_errno(errno);
        }
        operation op;
        op.kind = op_kind::poll;
        op.fd = fd_.get();
        op.flags = POLLIN;
        const completion done = co_await await_operation{op};
        if (done.result < 0) {
            co_return fail_errno(-done.result);
        }
    }
}

void signal_set::close() noexcept {
    if (!fd_) {
        return;
    }
    const timespec at_once{};
    while (::sigtimedwait(&taken_, nullptr, &at_once) > 0) {
    }
    fd_.reset();
    RW_ASSERT(::pthread_sigmask(SIG_SETMASK, &before_, nullptr) == 0);
}

}  // namespace ringway
