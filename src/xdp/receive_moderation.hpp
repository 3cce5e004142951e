// Looking for packets now and then instead of being woken for each few of them.
#pragma once

#include <chrono>
#include <cstdint>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>

namespace ringway::xdp {

/// What a card does with its interrupts (`ethtool -C`, rx-usecs), for a socket that waits. Waking
/// it costs the core that receives some microseconds, and a socket that is quick is woken again and
/// again under a flood: for 64 packets each time, or fewer.
class receive_moderation {
public:
    using microseconds = std::chrono::microseconds;

    /// Pauses take `longest` at most, and so short a time that half of `frames` wait for packets
    /// when they end. None at all with less than 5 us, or where no descriptor is left for a timer.
    receive_moderation(microseconds longest, std::uint32_t frames) noexcept;

    /// How long to let packets gather before the next look, when `received` came since the last
    /// time that there was none. 0: not at all, so few come that being woken is better.
    [[nodiscard]] microseconds pause_after(std::uint64_t received) noexcept;

    /// Lets `time` pass: more exactly than the shard's timers, whose tick is too long for that, by
    /// timerfd_create(2). `pause_after` asked for it. Fails with `canceled`. Cancel: at once.
    /// Resumes: on this shard.
    [[nodiscard]] task<result<void>> pause(microseconds time);

private:
    microseconds longest_;
    std::uint32_t frames_;
    microseconds pause_;
    unique_fd timer_;
};

}  // namespace ringway::xdp
