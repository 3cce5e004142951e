#include "lab/samples.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <ringway/base/assert.hpp>

namespace ringway::lab {

double samples::quantile(double q) const {
    RW_ASSERT(q >= 0 && q <= 1);
    if (values_.empty()) {
        return 0;
    }
    auto sorted = values_;
    const auto rank = std::ceil(q * static_cast<double>(sorted.size()));
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(index));
    return sorted[index];
}

double samples::mean() const {
    return values_.empty() ? 0
                           : std::accumulate(values_.begin(), values_.end(), 0.0) /
                                 static_cast<double>(values_.size());
}

std::vector<std::pair<double, double>> samples::distribution() const {
    auto sorted = values_;
    std::ranges::sort(sorted);
    std::vector<std::pair<double, double>> points;
    points.reserve(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        points.emplace_back(sorted[i],
                            static_cast<double>(i + 1) / static_cast<double>(sorted.size()));
    }
    return points;
}

}  // namespace ringway::lab
