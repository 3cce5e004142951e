// Medians of few rounds, and how far they can be trusted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ringway::lab {

/// The middle value; the mean of the two in the middle of an even number. Not a number without any.
[[nodiscard]] double median_of(std::span<const double> values);

/// From where to where; not numbers where there is too little to tell.
struct interval {
    double low;
    double high;

    [[nodiscard]] bool known() const noexcept;
    [[nodiscard]] bool holds(double value) const noexcept { return low <= value && value <= high; }
};

struct bootstrap_settings {
    double confidence = 0.95;  ///< Above 0 and below 1.
    unsigned resamples = 2000;
    std::uint64_t seed = 1;  ///< The same seed yields the same interval.
};

/// The percentile bootstrap (Efron 1979) of the median: as many values are drawn with replacement
/// as there are, again and again; the interval holds the share `confidence` of their medians.
/// Unknown with fewer than two values. With n values it can't be wider than from the least to the
/// greatest of them: few rounds understate what a machine's moods do.
[[nodiscard]] interval bootstrap_median(std::span<const double> values,
                                        const bootstrap_settings& how = {});

/// The same of median(`values`) / median(`base`), both drawn anew, independently of each other.
/// Unknown where either has fewer than two values or the base has a median of zero.
[[nodiscard]] interval bootstrap_ratio(std::span<const double> values, std::span<const double> base,
                                       const bootstrap_settings& how = {});

/// `values` without those that are no numbers.
[[nodiscard]] std::vector<double> known_of(std::span<const double> values);

}  // namespace ringway::lab
