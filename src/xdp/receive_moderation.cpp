#include "xdp/receive_moderation.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <poll.h>
#include <sys/timerfd.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway::xdp {
namespace {

// What the kernel hands over at a time at most (the budget of NAPI), so who gets it whole is
// behind.
constexpr std::uint64_t flood_min = 64;
constexpr std::chrono::microseconds shortest{5};

}  // namespace

receive_moderation::receive_moderation(microseconds longest, std::uint32_t frames) noexcept
    : longest_{longest}, frames_{frames}, pause_{longest} {
    if (longest >= shortest) {
        timer_ = unique_fd{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    }
}

std::chrono::microseconds receive_moderation::pause_after(std::uint64_t received) noexcept {
    if (received < flood_min || !timer_) {
        return microseconds{0};
    }
    if (received > frames_ / 2) {
        pause_ = std::max(pause_ / 2, shortest);
    } else if (received < frames_ / 8) {
        pause_ = std::min(pause_ * 2, longest_);
    }
    return pause_;
}

task<result<void>> receive_moderation::pause(microseconds time) {
    const itimerspec when{
        .it_interval = {},
        .it_value = {.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds{time}.count()}};
    if (::timerfd_settime(timer_.get(), 0, &when, nullptr) != 0) {
        co_return fail_errno(errno);
    }
    operation op;
    op.kind = op_kind::poll;
    op.fd = timer_.get();
    op.flags = POLLIN;
    const completion done = co_await await_operation{op};
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    co_return result<void>{};
}

}  // namespace ringway::xdp
