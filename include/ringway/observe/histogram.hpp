// How often which value occurred, in fixed memory and with a known relative error.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/observe/counter.hpp>

namespace ringway::observe {

/// A log-linear histogram (as HdrHistogram): every power of two is cut into 2^precision buckets of
/// equal width, so that a value is known to 1 part in 2^precision. For nanoseconds, up to
/// `value_max` (73 minutes); what is greater counts as that.
///
/// Memory: (43 - precision) * 2^precision counters, 36 KiB for the default.
/// One thread records, any thread reads; what it reads may lack the latest records.
class histogram {
public:
    static constexpr unsigned value_bits = 42;
    static constexpr std::uint64_t value_max = (std::uint64_t{1} << value_bits) - 1;
    static constexpr unsigned precision_default = 7;  ///< Error below 0.8 %.

    /// `precision_bits` from 1 to 14. Allocates; nothing else here does.
    explicit histogram(unsigned precision_bits = precision_default);

    /// Counts `value`. Writer only.
    void record(std::uint64_t value) noexcept {
        value = std::min(value, value_max);
        buckets_[index_of(value)].add();
        sum_.add(value);
        if (value > max_.get()) {
            max_.add(value - max_.get());
        }
    }

    /// Adds all that `other` has counted, which must have the same precision. Writer only.
    void merge(const histogram& other) noexcept;

    /// The smallest value that is not exceeded by a share `q` (0 to 1) of the recorded ones,
    /// rounded up to the end of its bucket but not beyond `max()`. 0 if nothing was recorded.
    /// Looks at every bucket.
    [[nodiscard]] std::uint64_t quantile(double q) const noexcept;

    /// Values recorded. Looks at every bucket.
    [[nodiscard]] std::uint64_t count() const noexcept;
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.get(); }
    /// The greatest value recorded, exactly; 0 if there is none.
    [[nodiscard]] std::uint64_t max() const noexcept { return max_.get(); }
    /// The arithmetic mean, exactly; 0 if nothing was recorded.
    [[nodiscard]] double mean() const noexcept;

    [[nodiscard]] unsigned precision_bits() const noexcept { return precision_bits_; }

    /// The buckets, in ascending order of the values they stand for.
    [[nodiscard]] std::size_t bucket_count() const noexcept {
        return static_cast<std::size_t>(value_bits - precision_bits_ + 1) << precision_bits_;
    }
    [[nodiscard]] std::uint64_t bucket(std::size_t index) const noexcept {
        return buckets_[index].get();
    }
    /// The greatest value that counts in bucket `index`.
    [[nodiscard]] std::uint64_t bucket_end(std::size_t index) const noexcept;

private:
    // Values below 2^precision have a bucket each. Above, the highest set bit chooses the row and
    // the `precision` bits below it the bucket in that row.
    [[nodiscard]] std::size_t index_of(std::uint64_t value) const noexcept {
        const auto width = static_cast<unsigned>(std::bit_width(value | 1));
        const unsigned shift = width > precision_bits_ ? width - precision_bits_ - 1 : 0;
        return (static_cast<std::size_t>(shift) << precision_bits_) +
               static_cast<std::size_t>(value >> shift);
    }

    unsigned precision_bits_;
    std::unique_ptr<counter[]> buckets_;
    counter sum_;
    counter max_;
};

}  // namespace ringway::observe
