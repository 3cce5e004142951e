#include "xdp/receive_moderation.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::xdp {
namespace {

// What the kernel hands over at a time at most (the budget of NAPI), so who gets it whole is
// behind.
constexpr std::uint64_t flood_min = 64;
constexpr std::chrono::nanoseconds shortest{5'000};
constexpr std::uint32_t waits_least = 16;  // Without a pause, after one that was too long.
constexpr std::uint32_t waits_most = 65'536;
// What pauses may lose of all packets, beyond what is lost without them.
constexpr double loss_max = 1.0 / 32;
// Losses come in bursts: so many windows of pauses have to be without before they are trusted.
constexpr std::uint32_t good_windows_min = 16;

}  // namespace

receive_moderation::receive_moderation(std::chrono::microseconds longest,
                                       std::uint32_t frames) noexcept
    : longest_{longest},
      wanted_{frames / 4},
      pause_{shortest},
      waits_{waits_least},
      waits_after_loss_{2 * window} {}

std::chrono::nanoseconds receive_moderation::pause_after(std::uint64_t received) noexcept {
    if (longest_ < shortest) {
        return {};
    }
    ++window_waits_;
    // A shorter pause than the longest brings fewer.
    const auto least = paused_ ? flood_min * static_cast<std::uint64_t>(pause_ / shortest) /
                                     static_cast<std::uint64_t>(longest_ / shortest)
                               : flood_min;
    if (received < std::max<std::uint64_t>(least, 1)) {
        paused_ = false;
        pause_ = shortest;
        return {};
    }
    if (!paused_) {
        paused_ = waits_left_ == 0;
        waits_left_ -= paused_ ? 0 : 1;
        window_pauses_ += paused_ ? 1 : 0;
        return paused_ ? pause_ : std::chrono::nanoseconds{0};
    }
    const double change = static_cast<double>(wanted_) / static_cast<double>(received);
    const auto next = std::chrono::duration_cast<std::chrono::nanoseconds>(pause_ * change);
    if (next >= shortest) {
        waits_ = waits_least;
        pause_ = std::min(next, longest_);
        ++window_pauses_;
        return pause_;
    }
    // So many come that even the shortest pause is too long, as late as timers are.
    paused_ = false;
    pause_ = shortest;
    waits_left_ = std::exchange(waits_, std::min(2 * waits_, waits_most));
    return {};
}

void receive_moderation::note_losses(std::uint64_t received, std::uint64_t lost) noexcept {
    const auto came = static_cast<double>(received - received_before_);
    const auto gone = static_cast<double>(lost - lost_before_);
    const double share = gone / std::max(came + gone, 1.0);
    const std::uint32_t paused = std::exchange(window_pauses_, 0);
    window_waits_ = 0;
    received_before_ = received;
    lost_before_ = lost;
    if (paused == 0) {
        lost_awake_ = share;
    } else if (share > lost_awake_ + loss_max) {
        good_windows_ = 0;
        paused_ = false;
        pause_ = shortest;
        waits_left_ = std::exchange(waits_after_loss_, std::min(2 * waits_after_loss_, waits_most));
    } else if (++good_windows_ >= good_windows_min) {
        waits_after_loss_ = 2 * window;
    }
}

task<result<void>> receive_moderation::pause(std::chrono::nanoseconds time) {
    precise_timers& timers = shard::current().exact_timers();
    over_.reset();
    timers.add(timer_, driver::current().now() + time);
    const auto waited = co_await over_.wait();
    timers.cancel(timer_);
    co_return waited;
}

}  // namespace ringway::xdp
