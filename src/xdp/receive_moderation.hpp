// Looking for packets now and then instead of being woken for each few of them.
#pragma once

#include <chrono>
#include <cstdint>

#include <ringway/base/result.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/runtime/precise_timers.hpp>

namespace ringway::xdp {

/// What a card does with its interrupts (`ethtool -C`, rx-usecs), for a socket that waits. Waking
/// it costs the core that receives some microseconds, and a socket that is quick is woken again and
/// again under a flood: for 64 packets each time, or fewer. Used on one shard.
class receive_moderation {
public:
    /// Pauses take `longest` at most, and as long as it takes a quarter of `frames` to arrive: what
    /// is offered shall not run out meanwhile. None where `longest`, or that, is less than 5 us.
    receive_moderation(std::chrono::microseconds longest, std::uint32_t frames) noexcept;

    /// How long to let packets gather before the next look, when `received` came since the last
    /// time that there was none. 0: not at all, so few come that being woken is better.
    [[nodiscard]] std::chrono::nanoseconds pause_after(std::uint64_t received) noexcept;

    /// Whether enough waits are over to tell what they cost: `note_losses` should be called.
    [[nodiscard]] bool is_window_over() const noexcept { return window_waits_ >= window; }
    /// How many packets came and how many were lost since the socket was opened. Where pauses lose
    /// packets that being woken does not, as on a core that also takes the packets in and leaves
    /// a sleeper waiting for its turn, there are none but for a try now and then.
    void note_losses(std::uint64_t received, std::uint64_t lost) noexcept;

    /// Lets `time` pass, and up to the timer slack of the thread more (prctl(2), PR_SET_TIMERSLACK:
    /// 50 us as a rule). Fails with `canceled`. Cancel: at once. Resumes: on this shard.
    [[nodiscard]] task<result<void>> pause(std::chrono::nanoseconds time);

private:
    static constexpr std::uint32_t window = 64;  // Waits.

    struct own_timer : precise_timer {
        explicit own_timer(event& told) noexcept
            : precise_timer{[](precise_timer& self) noexcept {
                  static_cast<own_timer&>(self).told_.set();
              }},
              told_{told} {}
        event& told_;
    };

    std::chrono::nanoseconds longest_;
    std::uint32_t wanted_;  // Packets after a pause.
    std::chrono::nanoseconds pause_;
    bool paused_ = false;  // The last time.
    // How many waits are without a pause when one was too long, and how many are left.
    std::uint32_t waits_;
    std::uint32_t waits_left_ = 0;
    // Since losses were looked at: waits, those with a pause, and what had come and was lost.
    std::uint32_t window_waits_ = 0;
    std::uint32_t window_pauses_ = 0;
    std::uint64_t received_before_ = 0;
    std::uint64_t lost_before_ = 0;
    double lost_awake_ = 0;  // The share that was lost without pauses, the last time.
    std::uint32_t waits_after_loss_;
    std::uint32_t good_windows_ = 0;  // One after the other.
    event over_;
    own_timer timer_{over_};
};

}  // namespace ringway::xdp
