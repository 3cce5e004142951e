// When the requests of a load at a constant rate are to start.
#pragma once

#include <chrono>
#include <cstdint>

#include <ringway/base/assert.hpp>

namespace ringway::lab {

/// A load of `rate` requests per second over `connections`, in turn: request k of connection i
/// starts at (k * connections + i) / rate after the beginning, whatever became of those before.
///
/// Latency is counted from that moment, not from when the request could be sent: a server that
/// stalls for a second is charged for all that should have been asked in that second, not for one
/// request (coordinated omission, as Gil Tene calls the mistake).
class open_loop {
public:
    open_loop(double rate, unsigned connections, std::chrono::nanoseconds begin) noexcept
        : period_ns_{1e9 / rate}, connections_{connections}, begin_{begin} {
        RW_ASSERT(rate > 0 && connections > 0);
    }

    [[nodiscard]] std::chrono::nanoseconds start_of(unsigned connection,
                                                    std::uint64_t request) const noexcept {
        const auto number = static_cast<double>(request) * connections_ + connection;
        return begin_ + std::chrono::nanoseconds{static_cast<std::int64_t>(number * period_ns_)};
    }

private:
    double period_ns_;
    unsigned connections_;
    std::chrono::nanoseconds begin_;
};

}  // namespace ringway::lab
