#include <ringway/net/stream.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <expected>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {
namespace {

constexpr std::size_t bytes_per_call_max = 0x7ffff000;  // What a system call moves at most.

}  // namespace

stream::pool_waiter::pool_waiter(stream& owner) noexcept
    : buffer_waiter{[](buffer_waiter& self) noexcept {
          auto& me = static_cast<pool_waiter&>(self);
          if (me.owner_.waiting_ != nullptr) {
              me.owner_.arm();
          } else {
              driver::current().buffers().pass_on();
          }
      }},
      owner_{owner} {}

stream::stream(int fd) noexcept : fd_{fd} {
    receiver_.owner = this;
    receiver_.kind = op_kind::recv;
    receiver_.multishot = true;
    receiver_.select_buffer = true;
    receiver_.fd = fd;
    receiver_.complete = [](operation& self, completion what) noexcept {
        static_cast<receiver&>(self).owner->received(what);
    };
}

stream::~stream() {
    RW_ASSERT(fd_ < 0 && !receiver_.in_flight);  // Must be closed first.
}

// News for the consumer: bytes, the end, or a failure.
bool stream::has_news() const noexcept {
    return is_closing_ || unread_ > 0 || ended_ || failed_.code != errc::none;
}

// Nothing more will come.
bool stream::has_ended() const noexcept {
    return is_closing_ || ended_ || failed_.code != errc::none;
}

void stream::arm() noexcept {
    if (!receiver_.in_flight && !pool_waiter_.waiting() && !has_ended()) {
        driver::current().submit(receiver_);
    }
}

void stream::received(completion what) noexcept {
    if (what.buffer != completion::no_buffer) {
        const auto size = static_cast<std::uint32_t>(what.result > 0 ? what.result : 0);
        buffer_lease lease = driver::current().buffers().lease(what.buffer, size);
        if (size > 0) {
            push(std::move(lease));
        }
    }
    if (!what.more) {
        receiving_ended(what.result);
    }
    tell_waiting();
}

void stream::receiving_ended(int result) noexcept {
    buffer_pool& pool = driver::current().buffers();
    const bool paused = std::exchange(pausing_, false);
    if (closing_ != nullptr) {
        closing_->wake();
    } else if (is_closing_) {
        // It waits for a send, and will see that this has ended.
    } else if (result == -ENOBUFS) {
        // With free ones it was a burst that emptied the ring for a moment: go on at once.
        if (!pool.has_free()) {
            pool.wait_for_buffer(pool_waiter_);
        }
    } else if (result == 0) {
        ended_ = true;
    } else if (result < 0 && result != -EINTR && !(paused && result == -ECANCELED)) {
        failed_ = error_from_errno(-result);
    }
    if (result <= 0 && result != -ENOBUFS) {
        pool.pass_on();  // Perhaps it was armed because a buffer came free, which others wait for.
    }
}

void stream::push(buffer_lease lease) noexcept {
    bytes_received_ += lease.bytes().size();
    if (waiting_ == nullptr && driver::current().buffers().is_scarce()) {
        lease.detach();  // Nobody is reading: peers that send early must not starve the others.
    }
    ++unread_;
    if (unread_ == 1) {
        first_ = std::move(lease);
        return;
    }
    more_.push_back(std::move(lease));
    if (unread_ > unread_buffers_max && receiver_.in_flight && !pausing_) {
        pausing_ = true;
        driver::current().cancel(receiver_);
    }
}

void stream::tell_waiting() noexcept {
    if (waiting_ == nullptr) {
        return;
    }
    if (has_news()) {
        waiting_->wake();
    } else {
        arm();  // Ended without news: interrupted, or not multishot.
    }
}

result<buffer_lease> stream::take() noexcept {
    if (is_closing_) {
        return fail_errno(ECANCELED);
    }
    if (unread_ > 0) {
        --unread_;
        buffer_lease taken = std::move(first_);
        if (unread_ > 0) {
            first_ = std::move(more_.front());
            more_.erase(more_.begin());
        }
        return taken;
    }
    if (failed_.code != errc::none) {
        return std::unexpected{failed_};
    }
    return buffer_lease{};
}

operation stream::send_operation(byte_view bytes) const noexcept {
    operation op;
    op.kind = op_kind::send;
    op.fd = fd_;
    op.piecewise = piecewise_ || bytes.size() > bytes_per_call_max;
    op.address = const_cast<std::byte*>(bytes.data());  // send(2) only reads it.
    RW_ASSERT(bytes.size() <= INT32_MAX);  // The result is an int; larger sends go in pieces.
    op.length = static_cast<std::uint32_t>(bytes.size());
    return op;
}

operation stream::file_operation(int file, std::uint64_t offset,
                                 std::uint32_t length) const noexcept {
    operation op;
    op.kind = op_kind::sendfile;
    op.fd = fd_;
    op.other_fd = file;
    op.offset = offset;
    op.length = length;
    return op;
}

stream::send_awaiter::send_awaiter(stream& owner, const operation& what,
                                   std::size_t* accepted) noexcept
    : await_operation{what}, owner_{owner}, accepted_{accepted} {
    complete = [](operation& self, completion done) noexcept {
        auto& me = static_cast<send_awaiter&>(self);
        if (me.owner_.sending_ == &me) {
            me.owner_.sending_ = nullptr;
        }
        me.ended(done);
        if (me.closer_ != nullptr) {
            me.closer_->wake();
        }
    };
}

// Of sendfile(2) a part is a success, so only a stop before its beginning is told.
result<std::size_t> stream::send_awaiter::await_resume() noexcept {
    const bool is_file = kind == op_kind::sendfile;
    if (!counted_) {
        return fail_errno(ECANCELED);  // The stream was closing already.
    }
    --owner_.users_;
    const completion done = await_operation::await_resume();
    const auto taken = static_cast<std::size_t>(std::max(done.result, 0));
    if (accepted_ != nullptr) {
        *accepted_ = taken;
    }
    if (done.result < 0) {
        return fail_errno(-done.result);
    }
    // Who has heard that it was closed does not go on with it.
    if (closer_ != nullptr || (was_stopped() && !is_file && taken < length)) {
        return fail_errno(ECANCELED);
    }
    return taken;
}

task<result<std::size_t>> stream::send_each(std::span<iovec> parts, std::size_t& accepted) {
    accepted = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        byte_view left{static_cast<std::byte*>(parts[i].iov_base), parts[i].iov_len};
        while (!left.empty()) {
            const byte_view now = left.first(std::min(left.size(), bytes_per_call_max));
            left = left.subspan(now.size());
            operation op = send_operation(now);
            const auto behind = parts.subspan(i + 1);
            const bool more = !left.empty() || std::ranges::any_of(behind, [](const iovec& each) {
                return each.iov_len > 0;
            });
            op.flags = more ? MSG_MORE : 0;
            std::size_t taken = 0;
            const auto sent = co_await send_awaiter{*this, op, &taken};
            accepted += taken;
            if (!sent && (accepted == 0 || sent.error().code == errc::canceled)) {
                co_return std::unexpected{sent.error()};
            }
            if (!sent || taken < now.size()) {
                co_return accepted;
            }
        }
    }
    co_return accepted;
}

task<result<std::size_t>> stream::send_parts(std::span<iovec> parts, std::size_t* accepted) {
    std::size_t total = 0;
    for (const iovec& each : parts) {
        total += each.iov_len;
    }
    if (piecewise_ || parts.size() > IOV_MAX || total > bytes_per_call_max) {
        std::size_t taken = 0;
        co_return co_await send_each(parts, accepted != nullptr ? *accepted : taken);
    }
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    operation op;
    op.kind = op_kind::sendmsg;
    op.fd = fd_;
    op.address = &header;
    op.length = static_cast<std::uint32_t>(total);  // For the awaiter; the kernel takes no notice.
    co_return co_await send_awaiter{*this, op, accepted};
}

task<void> stream::close() {
    RW_ASSERT(fd_ >= 0 && !is_closing_);
    is_closing_ = true;
    pool_waiter_.stop_waiting();
    if (waiting_ != nullptr) {
        waiting_->stop();
    }
    // Hold before asking: a driver may complete while it is asked.
    struct ask {
        stream& self;
        bool of_send;
        suspension waiting;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> coroutine) noexcept {
            waiting.hold(coroutine);
            if (of_send) {
                self.sending_->stop_for(waiting);
                return;
            }
            self.closing_ = &waiting;
            if (!self.pausing_) {
                driver::current().cancel(self.receiver_);
            }
        }
        void await_resume() const noexcept { self.closing_ = nullptr; }
    };
    if (sending_ != nullptr) {
        co_await ask{*this, true, {}};
    }
    if (receiver_.in_flight) {
        co_await ask{*this, false, {}};
    }
    while (users_ > 0) {  // They have been woken: it will be their turn.
        co_await yield{};
    }
    first_.reset();
    more_.clear();
    unread_ = 0;
    driver::current().close_now(std::exchange(fd_, -1));
}

}  // namespace ringway
