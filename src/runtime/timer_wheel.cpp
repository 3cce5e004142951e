#include <ringway/runtime/timer_wheel.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

using std::chrono::nanoseconds;

// The last tick that has a time; the part of a tick behind it is lost.
constexpr auto tick_max = static_cast<std::uint64_t>(nanoseconds::max() / timer_wheel::tick);

// The ticks that have passed at `now`.
std::uint64_t ticks_passed(nanoseconds now) noexcept {
    return static_cast<std::uint64_t>(std::max(now, nanoseconds{0}) / timer_wheel::tick);
}

// The first tick that is not before `deadline`.
std::uint64_t tick_of(nanoseconds deadline) noexcept {
    const bool between_ticks = deadline % timer_wheel::tick > nanoseconds{0};
    return std::min(ticks_passed(deadline) + (between_ticks ? 1 : 0), tick_max);
}

nanoseconds time_of(std::uint64_t tick) noexcept {
    return static_cast<nanoseconds::rep>(tick) * timer_wheel::tick;
}

}  // namespace

timer_wheel::timer_wheel(nanoseconds now) noexcept : now_{ticks_passed(now)}, target_{now_} {}

void timer_wheel::add(timer& entry, nanoseconds deadline) noexcept {
    RW_ASSERT(!entry.armed());
    entry.deadline_ = deadline;
    const std::uint64_t due = tick_of(deadline);
    put(entry, due <= target_ ? late_slot : slot_for(due));
    ++size_;
}

void timer_wheel::cancel(timer& entry) noexcept {
    if (entry.armed()) {
        take_out(entry);
        --size_;
    }
}

void timer_wheel::advance(nanoseconds now) noexcept {
    RW_ASSERT(!advancing_);
    advancing_ = true;
    target_ = std::max(target_, ticks_passed(now));
    // The late ones go first, but not those that get late from here on.
    while (lists_[late_slot].first != nullptr) {
        timer& entry = *lists_[late_slot].first;
        take_out(entry);
        put(entry, slot_for(now_));
    }
    for (auto slot = first_slot(); slot && slot->begin <= target_; slot = first_slot()) {
        now_ = slot->begin;
        const unsigned number = slot->level * slots_per_level + slot->index;
        if (slot->level == 0) {
            tell_all(number);
        } else {
            sort_anew(number);
        }
    }
    now_ = target_;
    advancing_ = false;
}

std::optional<nanoseconds> timer_wheel::next_deadline() const noexcept {
    if (size_ == 0) {
        return std::nullopt;
    }
    if (lists_[late_slot].first != nullptr) {
        return time_of(now_);
    }
    const auto slot = first_slot();
    RW_ASSERT(slot.has_value());
    const list& timers = lists_[slot->level * slots_per_level + slot->index];
    if (timers.first == timers.last) {
        return time_of(tick_of(timers.first->deadline_));  // Alone: no need for an estimate.
    }
    return time_of(slot->begin);
}

std::optional<timer_wheel::slot_position> timer_wheel::first_slot() const noexcept {
    for (unsigned level = 0; level < levels; ++level) {
        if (occupied_[level] != 0) {
            const auto index = static_cast<unsigned>(std::countr_zero(occupied_[level]));
            const unsigned shift = level * digit_bits;
            const std::uint64_t above = now_ >> (shift + digit_bits) << digit_bits;
            return slot_position{level, index, (above | index) << shift};
        }
    }
    return std::nullopt;
}

unsigned timer_wheel::slot_for(std::uint64_t due_tick) const noexcept {
    RW_ASSERT(due_tick >= now_);
    const std::uint64_t differing = (due_tick ^ now_) | 1;
    const unsigned level = static_cast<unsigned>(std::bit_width(differing) - 1) / digit_bits;
    const auto digit = static_cast<unsigned>(due_tick >> (level * digit_bits)) % slots_per_level;
    return level * slots_per_level + digit;
}

void timer_wheel::put(timer& entry, unsigned slot) noexcept {
    list& timers = lists_[slot];
    entry.next_ = nullptr;
    entry.previous_ = timers.last;
    (timers.last == nullptr ? timers.first : timers.last->next_) = &entry;
    timers.last = &entry;
    entry.slot_ = static_cast<std::uint16_t>(slot);
    if (slot != late_slot) {
        occupied_[slot / slots_per_level] |= std::uint64_t{1} << (slot % slots_per_level);
    }
}

void timer_wheel::take_out(timer& entry) noexcept {
    const unsigned slot = entry.slot_;
    list& timers = lists_[slot];
    (entry.previous_ == nullptr ? timers.first : entry.previous_->next_) = entry.next_;
    (entry.next_ == nullptr ? timers.last : entry.next_->previous_) = entry.previous_;
    entry.slot_ = timer::no_slot;
    if (timers.first == nullptr && slot != late_slot) {
        occupied_[slot / slots_per_level] &= ~(std::uint64_t{1} << (slot % slots_per_level));
    }
}

// A callback can't refill the slot: what is due by `target_` gets into the late list instead.
void timer_wheel::tell_all(unsigned slot) noexcept {
    while (lists_[slot].first != nullptr) {
        timer& entry = *lists_[slot].first;
        take_out(entry);
        --size_;
        entry.due_(entry);  // `entry` may be gone from here on.
    }
}

// Now that `now_` is at the slot's begin, each of its timers belongs on a lower level.
void timer_wheel::sort_anew(unsigned slot) noexcept {
    while (lists_[slot].first != nullptr) {
        timer& entry = *lists_[slot].first;
        take_out(entry);
        put(entry, slot_for(tick_of(entry.deadline_)));
    }
}

}  // namespace ringway
