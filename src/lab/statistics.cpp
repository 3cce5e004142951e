#include "lab/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>

#include <ringway/base/assert.hpp>

namespace ringway::lab {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double median_in_place(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

class resampler {
public:
    explicit resampler(std::uint64_t seed) : random_{seed} {}

    double median(std::span<const double> values) {
        drawn_.resize(values.size());
        for (auto& each : drawn_) {
            each = values[random_() % values.size()];
        }
        return median_in_place(drawn_);
    }

private:
    std::mt19937_64 random_;
    std::vector<double> drawn_;
};

interval middle_of(std::vector<double>& drawn, double confidence) {
    RW_ASSERT(confidence > 0 && confidence < 1 && !drawn.empty());
    std::ranges::sort(drawn);
    const auto last = static_cast<double>(drawn.size() - 1);
    const double outside = (1 - confidence) / 2;
    const auto at = [&](double share) {
        return drawn[static_cast<std::size_t>(std::lround(share * last))];
    };
    return {at(outside), at(1 - outside)};
}

}  // namespace

bool interval::known() const noexcept { return std::isfinite(low) && std::isfinite(high); }

double median_of(std::span<const double> values) {
    std::vector<double> copy{values.begin(), values.end()};
    return copy.empty() ? unknown : median_in_place(copy);
}

interval bootstrap_median(std::span<const double> values, const bootstrap_settings& how) {
    if (values.size() < 2) {
        return {unknown, unknown};
    }
    resampler draw{how.seed};
    std::vector<double> medians(how.resamples);
    std::ranges::generate(medians, [&] { return draw.median(values); });
    return middle_of(medians, how.confidence);
}

interval bootstrap_ratio(std::span<const double> values, std::span<const double> base,
                         const bootstrap_settings& how) {
    if (values.size() < 2 || base.size() < 2) {
        return {unknown, unknown};
    }
    resampler draw{how.seed};
    std::vector<double> ratios;
    for (unsigned i = 0; i < how.resamples; ++i) {
        const double below = draw.median(base);
        const double above = draw.median(values);
        if (below != 0) {
            ratios.push_back(above / below);
        }
    }
    return ratios.empty() ? interval{unknown, unknown} : middle_of(ratios, how.confidence);
}

std::vector<double> known_of(std::span<const double> values) {
    std::vector<double> known;
    std::ranges::copy_if(values, std::back_inserter(known),
                         [](double value) { return std::isfinite(value); });
    return known;
}

}  // namespace ringway::lab
