// The waiting of an AF_XDP socket, on the runtime.
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <expected>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/runtime/sleep.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/umem.hpp>

#include "xdp/receive_moderation.hpp"
#include "xdp/socket_rings.hpp"

namespace ringway::xdp {
namespace {

constexpr std::chrono::milliseconds drain_max{100};
constexpr std::chrono::milliseconds between_looks{500};
constexpr std::chrono::milliseconds between_kicks{1};
constexpr std::chrono::milliseconds between_pushes{10};
constexpr std::chrono::milliseconds drain_step{1};

task<void> wait_for(event& one) { (void)co_await one.wait(); }

}  // namespace

task<result<std::uint32_t>> xdp_socket::rx_batch(packet_batch& into) {
    for (;;) {
        if (const std::uint32_t count = receive_now(into); count > 0) {
            co_await yield_if_due{};  // Or a flood would let nobody else run.
            co_return count;
        }
        ++counted_.waits;
        const auto waited = co_await wait_for_packets();
        if (!waited) {
            co_return std::unexpected{waited.error()};
        }
    }
}

task<result<void>> xdp_socket::wait_for_packets() {
    if (busy_polls_) {
        const stop_source* const stop = co_await this_stop{};
        for (;;) {
            poll_interface();
            if (rings_->receive.available(1) > 0 || poll_failed_ != 0) {
                co_return failure();
            }
            co_await yield{};
            if (stop != nullptr && stop->stop_requested()) {
                co_return fail(errc::canceled);
            }
        }
    }
    if (const auto pause = pause_due(); pause.count() > 0) {
        if (const auto gathered = co_await let_packets_gather(pause); !gathered) {
            co_return gathered;
        }
    }
    if (rings_->receive.available(1) > 0) {
        co_return result<void>{};
    }
    // In this order: what arrives after `reset` sets it again, what arrived before is seen.
    news_.reset();
    arm();
    while (rings_->receive.available(1) == 0 && !news_.is_set()) {
        // What a busy driver left in the ring would stay there: nobody else will send it.
        const bool has_left = rings_->transmit.pending() > 0 && wants_kick();
        if (has_left) {
            kick();
        }
        const auto told =
            co_await with_timeout(has_left ? between_kicks : between_looks, wait_for_news());
        if (!told && told.error().code != errc::timed_out) {
            co_return told;
        }
        look_for_failure();
    }
    co_return failure();
}

// epoll(7) would go on to wake us, so there is none.
std::chrono::nanoseconds xdp_socket::pause_due() noexcept {
    const std::uint64_t received = counted_.received - std::exchange(seen_, counted_.received);
    const auto pause = moderation_->pause_after(received);
    if (moderation_->is_window_over()) {
        moderation_->note_losses(counted_.received, statistics().lost());
    }
    return driver::current().name() == "io_uring" ? pause : std::chrono::nanoseconds{0};
}

// The poll would wake us meanwhile, so it is armed again when the flood is over.
task<result<void>> xdp_socket::let_packets_gather(std::chrono::nanoseconds pause) {
    if (rings_->transmit.pending() > 0 && wants_kick()) {
        kick();
    }
    if (poll_.in_flight) {
        driver::current().cancel(poll_);
    }
    ++counted_.pauses;
    co_return co_await moderation_->pause(pause);
}

task<result<void>> xdp_socket::wait_for_news() { co_return co_await news_.wait(); }

// Nobody is woken when the interface goes away: the poll just stays silent.
void xdp_socket::look_for_failure() noexcept {
    int failed = 0;
    socklen_t size = sizeof(failed);
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed != 0) {
        poll_failed_ = failed;
        news_.set();
    }
}

void xdp_socket::arm() noexcept {
    on_shard_ = true;
    if (!poll_.in_flight && poll_failed_ == 0) {
        ended_.reset();
        driver::current().submit(poll_);
    } else if (poll_failed_ != 0) {
        news_.set();
    }
}

result<void> xdp_socket::failure() noexcept {
    if (poll_failed_ != 0) {
        return fail_errno(poll_failed_);
    }
    return {};
}

task<result<std::uint32_t>> xdp_socket::tx_batch(packet_batch& from) {
    std::uint32_t sent = 0;
    for (;;) {
        sent += transmit_now(from);
        if (from.empty()) {
            co_return sent;
        }
        const auto waited = co_await wait_for_room();
        if (!waited) {
            co_return std::unexpected{waited.error()};
        }
    }
}

task<result<void>> xdp_socket::wait_until_writable() {
    on_shard_ = true;
    operation op;
    op.kind = op_kind::poll;
    op.fd = fd_;
    op.flags = POLLOUT;
    const completion done = co_await await_operation{op};
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    if ((done.result & (POLLERR | POLLHUP)) != 0) {
        co_return fail_errno(ENETDOWN);
    }
    co_return result<void>{};
}

// A ring that is less than half full counts as writable; the driver may still be busy, so let the
// others have their turn. While the interface is down the ring stays full, and when it comes up
// again nobody but us has the kernel look into it.
task<result<void>> xdp_socket::wait_for_room() {
    const auto waited = co_await with_timeout(between_pushes, wait_until_writable());
    if (!waited && waited.error().code != errc::timed_out) {
        co_return waited;
    }
    look_for_failure();
    if (poll_failed_ != 0) {
        co_return fail_errno(poll_failed_);
    }
    kick();
    co_await yield{};
    co_return result<void>{};
}

task<void> xdp_socket::close() {
    stop_source never;
    if (poll_.in_flight) {
        driver::current().cancel(poll_);
        co_await wait_for(ended_).under(never);
    }
    const nanoseconds until = driver::current().now() + drain_max;
    for (;;) {
        reap();
        if (outstanding_ == 0 || driver::current().now() >= until) {
            co_return;
        }
        kick();
        auto step = [](std::chrono::milliseconds time) -> task<void> {
            (void)co_await sleep_for(time);
        }(drain_step);
        co_await std::move(step).under(never);
    }
}

}  // namespace ringway::xdp
