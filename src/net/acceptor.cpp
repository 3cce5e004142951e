#include <ringway/net/acceptor.hpp>

#include <cerrno>
#include <coroutine>
#include <expected>
#include <fcntl.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {
namespace {

// io_uring reports EAGAIN for a non-blocking listener instead of waiting, and epoll needs one. What
// a service manager hands over may be either.
void match_blocking(int fd, bool nonblocking) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags >= 0 && ((flags & O_NONBLOCK) != 0) != nonblocking) {
        ::fcntl(fd, F_SETFL, flags ^ O_NONBLOCK);
    }
}

// What became of one connection, not of the listener: accept(2), "Error handling".
bool concerns_one_connection(int sys) noexcept {
    switch (sys) {
        case EINTR:
        case ECONNABORTED:
        case EPERM:
        case EPROTO:
        case ENETDOWN:
        case ENOPROTOOPT:
        case EHOSTDOWN:
        case ENONET:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ETIMEDOUT: return true;
        default: return false;
    }
}

}  // namespace

acceptor::acceptor(int listener) noexcept : fd_{listener} {
    RW_ASSERT(listener >= 0);
    match_blocking(listener, driver::current().socket_flags() != 0);
    operation_.owner = this;
    operation_.kind = op_kind::accept;
    operation_.multishot = true;
    operation_.fd = listener;
    operation_.complete = [](operation& self, completion what) noexcept {
        static_cast<accept_operation&>(self).owner->completed(what);
    };
}

acceptor::~acceptor() {
    RW_ASSERT(fd_ < 0 && !operation_.in_flight);  // Must be closed first.
}

bool acceptor::has_news() const noexcept { return untaken() > 0 || failed_.code != errc::none; }

// A loop and not a recursion from `completed`: a driver may complete while it submits.
void acceptor::arm() noexcept {
    if (arming_) {
        return;
    }
    arming_ = true;
    while (!operation_.in_flight && !has_news()) {
        driver::current().submit(operation_);
    }
    arming_ = false;
}

void acceptor::completed(completion what) noexcept {
    if (what.result >= 0) {
        accepted_.push_back(what.result);
        ++count_;
        if (untaken() >= untaken_max && what.more) {
            pause();
        }
    }
    if (!what.more) {
        const bool paused = std::exchange(pausing_, false);
        if (closing_ != nullptr) {
            closing_->wake();
            return;
        }
        const bool expected = paused && what.result == -ECANCELED;
        if (what.result < 0 && !expected && !concerns_one_connection(-what.result)) {
            failed_ = error_from_errno(-what.result);
        }
    }
    if (waiting_ == nullptr) {
        return;
    }
    if (has_news()) {
        waiting_->wake();
    } else if (!what.more) {
        arm();
    }
}

result<int> acceptor::take() noexcept {
    if (untaken() == 0) {
        return std::unexpected{std::exchange(failed_, error{})};
    }
    const int fd = accepted_[taken_++];
    if (taken_ == accepted_.size()) {
        accepted_.clear();
        taken_ = 0;
    }
    return fd;
}

void acceptor::pause() noexcept {
    if (operation_.in_flight && !pausing_) {
        pausing_ = true;
        driver::current().cancel(operation_);
    }
}

task<void> acceptor::close() {
    RW_ASSERT(fd_ >= 0 && waiting_ == nullptr);
    if (operation_.in_flight) {
        suspension ended;
        closing_ = &ended;
        // Hold before asking: a driver may complete while it is asked.
        struct ask {
            acceptor& self;
            suspension& waiting;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> coroutine) noexcept {
                waiting.hold(coroutine);
                self.pause();
            }
            void await_resume() const noexcept {}
        };
        co_await ask{*this, ended};
        closing_ = nullptr;
    }
    while (untaken() > 0) {
        driver::current().close_now(*take());
    }
    driver::current().close_now(std::exchange(fd_, -1));
}

}  // namespace ringway
