#include <ringway/observe/histogram.hpp>

#include <cmath>

#include <ringway/base/assert.hpp>

namespace ringway::observe {

histogram::histogram(unsigned precision_bits) : precision_bits_{precision_bits} {
    RW_ASSERT(precision_bits >= 1 && precision_bits <= 14);
    buckets_ = std::make_unique<counter[]>(bucket_count());
}

void histogram::merge(const histogram& other) noexcept {
    RW_ASSERT(other.precision_bits_ == precision_bits_);
    for (std::size_t i = 0; i < bucket_count(); ++i) {
        if (const auto n = other.bucket(i); n != 0) {
            buckets_[i].add(n);
        }
    }
    sum_.add(other.sum());
    if (other.max() > max()) {
        max_.add(other.max() - max());
    }
}

std::uint64_t histogram::quantile(double q) const noexcept {
    const auto total = count();
    if (total == 0) {
        return 0;
    }
    const auto share = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
    const auto rank = std::clamp(static_cast<std::uint64_t>(share), std::uint64_t{1}, total);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bucket_count(); ++i) {
        seen += bucket(i);
        if (seen >= rank) {
            return std::min(bucket_end(i), max());
        }
    }
    return max();
}

std::uint64_t histogram::count() const noexcept {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < bucket_count(); ++i) {
        total += bucket(i);
    }
    return total;
}

double histogram::mean() const noexcept {
    const auto n = count();
    return n == 0 ? 0.0 : static_cast<double>(sum()) / static_cast<double>(n);
}

std::uint64_t histogram::bucket_end(std::size_t index) const noexcept {
    const auto row = index >> precision_bits_;
    if (row <= 1) {
        return index;  // Buckets that are one value wide.
    }
    const auto shift = row - 1;
    const auto column = index - (shift << precision_bits_);
    return ((std::uint64_t{column} + 1) << shift) - 1;
}

}  // namespace ringway::observe
