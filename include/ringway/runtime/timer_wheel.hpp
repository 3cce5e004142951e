// Which timers are due: a hierarchical wheel of intrusive timers. Knows no clock; time is given.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <ringway/base/assert.hpp>

namespace ringway {

class timer_wheel;

/// Something that is told once when its time has come. Lives where its owner lives, so that timing
/// allocates nothing; must not be armed when it dies.
class timer {
public:
    /// May add and cancel any timer, this one included, and may destroy this one.
    using function = void (*)(timer& self) noexcept;

    explicit timer(function due) noexcept : due_{due} {}
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { RW_ASSERT(!armed()); }

    /// Whether it is in a wheel. No longer when it is told.
    [[nodiscard]] bool armed() const noexcept { return slot_ != no_slot; }

    /// What it was last armed for.
    [[nodiscard]] std::chrono::nanoseconds deadline() const noexcept { return deadline_; }

private:
    friend class timer_wheel;

    static constexpr std::uint16_t no_slot = 0xffff;

    timer* next_ = nullptr;
    timer* previous_ = nullptr;
    std::chrono::nanoseconds deadline_{0};
    function due_;
    std::uint16_t slot_ = no_slot;
};

/// The timers of one shard. Adding and cancelling take constant time, whatever the number of timers
/// and however far away they are; `advance` touches only slots that hold timers.
///
/// Time is counted in ticks of 1 ms, and deadlines are rounded up: a timer is told never early and
/// less than a tick late, as far as `advance` is called in time. Used on one thread only; must be
/// empty when it dies.
class timer_wheel {
public:
    static constexpr std::chrono::nanoseconds tick{1'000'000};

    /// `now` and all later times are of one clock that does not go below zero.
    explicit timer_wheel(std::chrono::nanoseconds now = {}) noexcept;
    timer_wheel(const timer_wheel&) = delete;
    timer_wheel& operator=(const timer_wheel&) = delete;
    ~timer_wheel() { RW_ASSERT(size_ == 0); }

    /// Arms `entry`, which must not be armed, for `deadline`. What is due already is told by the
    /// next call of `advance`; never inside this one.
    /// Lifetime: `entry` stays where it is until it is told or cancelled.
    void add(timer& entry, std::chrono::nanoseconds deadline) noexcept;

    /// Disarms `entry`: it won't be told. Does nothing when it is not armed.
    void cancel(timer& entry) noexcept;

    /// Tells every timer whose deadline has come, in order of their ticks; within a tick in no
    /// particular order. A timer that is added meanwhile and due already waits for the next call,
    /// so that this one ends. A `now` before an earlier one counts as that. Not from inside a
    /// timer.
    void advance(std::chrono::nanoseconds now) noexcept;

    /// When to call `advance` next; none without timers. Never later than the first timer is due.
    /// While that is far away it may be earlier, a few times per timer at most: then the call sorts
    /// timers anew and tells none. In the past when timers are due already.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> next_deadline() const noexcept;

    /// Timers that are armed.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    // Level 0 has a slot for each of the next ticks; a slot of level n is as wide as the whole
    // level n - 1. A timer is on the level of the highest digit (to base 64) in which its tick
    // differs from `now_`, in the slot of that digit. So the first occupied slot of the lowest
    // occupied level holds the timer that is due first.
    static constexpr unsigned digit_bits = 6;
    static constexpr unsigned slots_per_level = 1U << digit_bits;
    static constexpr unsigned levels = 8;  // 2^48 ticks: more than 64 bits of nanoseconds have.
    static constexpr unsigned late_slot = levels * slots_per_level;

    struct list {
        timer* first = nullptr;
        timer* last = nullptr;
    };
    struct slot_position {
        unsigned level;
        unsigned index;
        std::uint64_t begin;  // Its first tick.
    };

    [[nodiscard]] std::optional<slot_position> first_slot() const noexcept;
    [[nodiscard]] unsigned slot_for(std::uint64_t due_tick) const noexcept;
    void put(timer& entry, unsigned slot) noexcept;
    void take_out(timer& entry) noexcept;
    void tell_all(unsigned slot) noexcept;
    void sort_anew(unsigned slot) noexcept;

    std::uint64_t now_;     // The tick up to which slots were emptied.
    std::uint64_t target_;  // The tick up to which `advance` was asked to go: now_, but inside it.
    std::size_t size_ = 0;
    bool advancing_ = false;
    std::array<std::uint64_t, levels> occupied_{};  // A bit per slot.
    std::array<list, late_slot + 1> lists_{};       // The last one: due when added.
};

}  // namespace ringway
