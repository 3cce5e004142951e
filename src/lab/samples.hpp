// A few hundred measured values, and what is said of them.
#pragma once

#include <cstddef>
#include <vector>

namespace ringway::lab {

/// Keeps every value: for experiments, where exactness matters more than memory. For millions of
/// values there is observe::histogram.
class samples {
public:
    void add(double value) { values_.push_back(value); }

    [[nodiscard]] std::size_t count() const noexcept { return values_.size(); }
    /// The smallest value that a share `q` (0 to 1) of all does not exceed; 0 if there is none.
    [[nodiscard]] double quantile(double q) const;
    [[nodiscard]] double median() const { return quantile(0.5); }
    [[nodiscard]] double mean() const;
    [[nodiscard]] double min() const { return quantile(0); }
    [[nodiscard]] double max() const { return quantile(1); }
    [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }

    /// Values in order with the share of values up to each: a cumulative distribution.
    [[nodiscard]] std::vector<std::pair<double, double>> distribution() const;

private:
    std::vector<double> values_;
};

}  // namespace ringway::lab
