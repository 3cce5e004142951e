#include <ringway/runtime/precise_timers.hpp>

#include <ringway/base/assert.hpp>

namespace ringway {

using std::chrono::nanoseconds;

void precise_timers::add(precise_timer& entry, nanoseconds deadline) {
    const place what{deadline, &entry};
    if (entry.armed()) {
        const std::size_t index = entry.place_;
        RW_ASSERT(index < heap_.size() && heap_[index].entry == &entry);
        const bool earlier = deadline < entry.deadline_;
        entry.deadline_ = deadline;
        earlier ? rise(index, what) : sink(index, what);
        return;
    }
    entry.deadline_ = deadline;
    heap_.push_back(what);
    rise(heap_.size() - 1, what);
}

void precise_timers::cancel(precise_timer& entry) noexcept {
    if (!entry.armed()) {
        return;
    }
    const std::size_t index = entry.place_;
    RW_ASSERT(index < heap_.size() && heap_[index].entry == &entry);
    entry.place_ = precise_timer::no_place;
    const place last = heap_.back();
    heap_.pop_back();
    if (index == heap_.size()) {
        return;
    }
    const bool smaller = index > 0 && last.deadline < heap_[(index - 1) / 2].deadline;
    smaller ? rise(index, last) : sink(index, last);
}

void precise_timers::advance(nanoseconds now) noexcept {
    // What is due when it is added waits for the next call, so that this one ends.
    for (std::size_t left = heap_.size(); left > 0; --left) {
        if (heap_.empty() || heap_.front().deadline > now) {
            return;
        }
        precise_timer& entry = *heap_.front().entry;
        cancel(entry);
        entry.due_(entry);  // `entry` may be gone from here on.
    }
}

std::optional<nanoseconds> precise_timers::next_deadline() const noexcept {
    if (heap_.empty()) {
        return std::nullopt;
    }
    return heap_.front().deadline;
}

void precise_timers::put(std::size_t index, place what) noexcept {
    heap_[index] = what;
    what.entry->place_ = index;
}

void precise_timers::rise(std::size_t index, place what) noexcept {
    while (index > 0 && what.deadline < heap_[(index - 1) / 2].deadline) {
        put(index, heap_[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(index, what);
}

void precise_timers::sink(std::size_t index, place what) noexcept {
    for (;;) {
        std::size_t child = 2 * index + 1;
        if (child + 1 < heap_.size() && heap_[child + 1].deadline < heap_[child].deadline) {
            ++child;
        }
        if (child >= heap_.size() || what.deadline <= heap_[child].deadline) {
            break;
        }
        put(index, heap_[child]);
        index = child;
    }
    put(index, what);
}

}  // namespace ringway
