// Timers to the nanosecond, for what has to happen between the ticks of the timer wheel.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/assert.hpp>

namespace ringway {

class precise_timers;

/// Something that is told once when its time has come. Lives where its owner lives; must not be
/// armed when it dies.
class precise_timer {
public:
    /// May add and cancel any timer, this one included, and may destroy this one.
    using function = void (*)(precise_timer& self) noexcept;

    explicit precise_timer(function due) noexcept : due_{due} {}
    precise_timer(const precise_timer&) = delete;
    precise_timer& operator=(const precise_timer&) = delete;
    ~precise_timer() { RW_ASSERT(!armed()); }

    [[nodiscard]] bool armed() const noexcept { return place_ != no_place; }

    /// What it was last armed for.
    [[nodiscard]] std::chrono::nanoseconds deadline() const noexcept { return deadline_; }

private:
    friend class precise_timers;

    static constexpr std::size_t no_place = SIZE_MAX;

    function due_;
    std::size_t place_ = no_place;
    std::chrono::nanoseconds deadline_{0};
};

/// The precise timers of one shard: a heap, so that adding and cancelling take a time that grows
/// with the logarithm of their number. `timer_wheel` is cheaper where a millisecond does not
/// matter. Used on one thread only; must be empty when it dies.
class precise_timers {
public:
    precise_timers() = default;
    precise_timers(const precise_timers&) = delete;
    precise_timers& operator=(const precise_timers&) = delete;
    ~precise_timers() { RW_ASSERT(heap_.empty()); }

    /// Arms `entry`, or arms it anew, for `deadline`. What is due already is told by the next
    /// `advance`. Lifetime: `entry` stays where it is until it is told or cancelled.
    void add(precise_timer& entry, std::chrono::nanoseconds deadline);

    /// Disarms `entry`: it won't be told. Does nothing when it is not armed.
    void cancel(precise_timer& entry) noexcept;

    /// Tells every timer that was due at `now` when this began, earliest first, and not those that
    /// are added meanwhile for a time after `now`.
    void advance(std::chrono::nanoseconds now) noexcept;

    /// The first deadline; none without timers.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> next_deadline() const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

private:
    // The deadline is kept beside the pointer: comparing then touches no timer.
    struct place {
        std::chrono::nanoseconds deadline;
        precise_timer* entry;
    };

    void put(std::size_t index, place what) noexcept;
    void rise(std::size_t index, place what) noexcept;
    void sink(std::size_t index, place what) noexcept;

    std::vector<place> heap_;  // Each place is due no later than its children, 2i + 1 and 2i + 2.
};

}  // namespace ringway
