// How busy somebody is who never sleeps.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <ringway/coro/task.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>

#include "lab/exact_sleep.hpp"

namespace ringway::lab {

/// How busy a load is that never sleeps: by the turns in which it found nothing to do, and what one
/// of these takes.
class spin_meter {
public:
    /// To be made while nothing is under way.
    static task<spin_meter> make() {
        constexpr nanoseconds sample{2'000'000};
        const auto turns_before = turns();
        const auto begin = driver::current().now();
        co_await exact_sleep{begin + sample};
        co_return spin_meter{(driver::current().now() - begin) /
                             std::max<std::uint64_t>(turns() - turns_before, 1)};
    }

    void start() noexcept {
        turns_ = turns();
        worked_ = worked();
        begin_ = driver::current().now();
    }
    [[nodiscard]] double busy_percent() const noexcept {
        const auto did = worked() - worked_;
        const auto all = turns() - turns_;
        const auto idle = empty_turn_ * (all - std::min(all, did));
        return 100 * (1 - std::min(1.0, std::chrono::duration<double>{idle} /
                                            (driver::current().now() - begin_)));
    }

private:
    explicit spin_meter(nanoseconds empty_turn) noexcept : empty_turn_{empty_turn} {}

    static std::uint64_t turns() noexcept { return shard::current().counters().turns.get(); }
    // At most so many turns found something: a turn enters the kernel, or resumes somebody.
    static std::uint64_t worked() noexcept {
        return std::min(driver::current().counters().enters.get(),
                        shard::current().counters().resumed.get());
    }

    nanoseconds empty_turn_;
    std::uint64_t turns_ = 0;
    std::uint64_t worked_ = 0;
    nanoseconds begin_{0};
};

}  // namespace ringway::lab
