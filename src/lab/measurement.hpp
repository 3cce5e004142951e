// One round of one row: what was measured, metric by metric.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <ringway/observe/histogram.hpp>

#include "lab/metric.hpp"

namespace ringway::lab {

class measurement {
public:
    measurement() noexcept { values_.fill(std::numeric_limits<double>::quiet_NaN()); }

    void set(metric what, double value) noexcept {
        values_[static_cast<std::size_t>(what)] = value;
    }
    /// Not a number: not measured.
    [[nodiscard]] double get(metric what) const noexcept {
        return values_[static_cast<std::size_t>(what)];
    }
    [[nodiscard]] bool has(metric what) const noexcept;

    /// Sets the three percentiles from latencies in nanoseconds; nothing of an empty histogram.
    void set_latency(const observe::histogram& nanoseconds) noexcept;

    /// Sets rate, and bytes when there are some, from counts over `seconds`.
    void set_counts(std::uint64_t operations, std::uint64_t bytes, double seconds) noexcept;

    std::uint64_t operations = 0;
    std::uint64_t failed = 0;  ///< Operations that ended wrong: the figures are worth nothing then.
    std::string remark;        ///< Shown below the table, once for each different one.

private:
    std::array<double, metric_count> values_;
};

}  // namespace ringway::lab
