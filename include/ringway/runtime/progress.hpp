// How far something long is, told again and again: to a function, or into a channel.
#pragma once

#include <cstdint>
#include <functional>

#include <ringway/coro/channel.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// How far it is, in bytes.
struct progress_count {
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0: nobody knows.
};

/// What is told about it.
struct progress_event {
    progress_count count;
    double bytes_per_second = 0;  ///< Lately; older seconds count less.
    nanoseconds elapsed{0};       ///< Since watching began.
    nanoseconds left{0};          ///< Until the end at that rate; -1: nobody knows.
    bool last = false;            ///< It is over, or nobody watches any more.
};

using progress_function = std::move_only_function<void(const progress_event&)>;
using count_function = std::move_only_function<progress_count()>;

/// Asks `count` every `period` (at least 1 ms), tells `tell`, and once more with `last` when it is
/// stopped: that is how it ends. Both are called on this shard and must not block.
/// Lifetime: what they refer to outlives the task. Cancel: ends it, successfully.
[[nodiscard]] task<void> watch_progress(nanoseconds period, count_function count,
                                        progress_function tell);

/// The same into `events`. Nobody is waited for: an event for which there is no room is left out,
/// since a later one says more, and so is the last one, so the channel is closed at the end.
[[nodiscard]] task<void> watch_progress(nanoseconds period, count_function count,
                                        channel<progress_event>& events);

/// The arithmetic: feed it counts, get events.
class progress_meter {
public:
    explicit progress_meter(nanoseconds now) noexcept : begin_{now}, then_{now} {}

    /// `now` does not go back.
    [[nodiscard]] progress_event note(nanoseconds now, progress_count count) noexcept;

private:
    nanoseconds begin_;
    nanoseconds then_;
    std::uint64_t done_then_ = 0;
    double rate_ = 0;
    bool has_rate_ = false;
};

}  // namespace ringway
