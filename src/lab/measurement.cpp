#include "lab/measurement.hpp"

#include <cmath>

namespace ringway::lab {

bool measurement::has(metric what) const noexcept { return std::isfinite(get(what)); }

void measurement::set_latency(const observe::histogram& nanoseconds) noexcept {
    if (nanoseconds.count() == 0) {
        return;
    }
    const auto at = [&](double share) {
        return static_cast<double>(nanoseconds.quantile(share)) / 1e3;
    };
    set(metric::p50, at(0.5));
    set(metric::p99, at(0.99));
    set(metric::p999, at(0.999));
}

void measurement::set_counts(std::uint64_t count, std::uint64_t bytes, double seconds) noexcept {
    operations = count;
    if (seconds <= 0) {
        return;
    }
    set(metric::rate, static_cast<double>(count) / seconds);
    if (bytes > 0) {
        set(metric::bytes, static_cast<double>(bytes) / seconds);
    }
}

}  // namespace ringway::lab
