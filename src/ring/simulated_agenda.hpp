// What will happen in a simulated kernel, by virtual time; in random order where times are equal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "ring/simulated_random.hpp"

namespace ringway::detail {

class simulated_agenda {
public:
    using nanoseconds = std::chrono::nanoseconds;

    enum class event_kind : std::uint8_t {
        attempt,  ///< Try the operation.
        cancel,   ///< A late cancel takes effect.
        show,     ///< One more of its completions can be told.
        note,     ///< A zero-copy send's memory is free; `sequence` says which send's.
    };

    /// Something that will happen to the operation at `index` of the table, if it is still the one
    /// with the number `sequence`.
    struct event {
        nanoseconds time{0};
        std::uint64_t tie = 0;
        std::uint64_t sequence = 0;
        std::uint32_t index = 0;
        event_kind kind = event_kind::attempt;
    };

    explicit simulated_agenda(simulated_random& random) noexcept : random_{random} {}

    void add(nanoseconds time, event_kind kind, std::uint32_t index, std::uint64_t sequence) {
        events_.push({time, random_.next(), sequence, index, kind});
    }

    /// The next event if its time has come.
    [[nodiscard]] std::optional<event> take_due(nanoseconds now) {
        if (events_.empty() || events_.top().time > now) {
            return std::nullopt;
        }
        const event first = events_.top();
        events_.pop();
        return first;
    }

    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    [[nodiscard]] nanoseconds next_time() const noexcept { return events_.top().time; }

private:
    struct is_later {
        bool operator()(const event& left, const event& right) const noexcept {
            return left.time != right.time ? left.time > right.time : left.tie > right.tie;
        }
    };

    simulated_random& random_;
    std::priority_queue<event, std::vector<event>, is_later> events_;
};

}  // namespace ringway::detail
