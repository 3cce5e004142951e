#include <ringway/observe/histogram.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::observe {
namespace {

TEST(histogram, is_empty_at_first) {
    const histogram empty;
    EXPECT_EQ(empty.count(), 0U);
    EXPECT_EQ(empty.max(), 0U);
    EXPECT_EQ(empty.quantile(0.5), 0U);
    EXPECT_EQ(empty.mean(), 0.0);
}

TEST(histogram, small_values_are_exact) {
    histogram counted{5};
    for (std::uint64_t value = 0; value < 64; ++value) {
        counted.record(value);
    }
    EXPECT_EQ(counted.count(), 64U);
    EXPECT_EQ(counted.quantile(0.5), 31U);
    EXPECT_EQ(counted.quantile(0.0), 0U);
    EXPECT_EQ(counted.quantile(1.0), 63U);
    EXPECT_DOUBLE_EQ(counted.mean(), 31.5);
}

// Goal: every value is in a bucket whose ends are near it, and buckets follow one another.
TEST(histogram, buckets_are_narrow_and_without_gaps) {
    for (const unsigned precision : {1U, 5U, 7U, 14U}) {
        histogram counted{precision};
        std::uint64_t begin = 0;
        for (std::size_t i = 0; i < counted.bucket_count(); ++i) {
            const auto end = counted.bucket_end(i);
            ASSERT_GE(end, begin) << "precision " << precision << ", bucket " << i;
            ASSERT_LE((end - begin) << precision, begin) << "bucket " << i;
            if (i % 97 == 0 || i < 70) {
                counted.record(begin);
                counted.record(end);
                ASSERT_EQ(counted.bucket(i), 2U) << "precision " << precision << ", bucket " << i;
            }
            begin = end + 1;
        }
        EXPECT_EQ(begin, histogram::value_max + 1);
    }
}

TEST(histogram, greater_values_count_as_the_greatest) {
    histogram counted;
    counted.record(~std::uint64_t{0});
    EXPECT_EQ(counted.max(), histogram::value_max);
    EXPECT_EQ(counted.quantile(0.5), histogram::value_max);
}

TEST(histogram, quantiles_agree_with_sorted_values) {
    std::mt19937_64 random{42};
    std::lognormal_distribution<double> latency{11.0, 1.5};  // Median 60 us, a long tail.
    histogram counted;
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 20'000; ++i) {
        values.push_back(static_cast<std::uint64_t>(latency(random)));
        counted.record(values.back());
    }
    std::ranges::sort(values);
    for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const auto exact = values[static_cast<std::size_t>(q * 20'000.0) - 1];
        EXPECT_GE(counted.quantile(q), exact);
        EXPECT_LE(counted.quantile(q), exact + exact / 128 + 1);
    }
    EXPECT_EQ(counted.max(), values.back());
    EXPECT_EQ(counted.quantile(1.0), values.back());
}

TEST(histogram, odd_shares_are_clamped) {
    histogram counted;
    counted.record(7);
    EXPECT_EQ(counted.quantile(-1.0), 7U);
    EXPECT_EQ(counted.quantile(2.0), 7U);
}

TEST(histogram, merging_is_as_if_recorded_here) {
    histogram one;
    histogram other;
    histogram both;
    for (std::uint64_t value = 1; value < 1'000'000; value = value * 3 + 1) {
        (value % 2 == 0 ? one : other).record(value);
        both.record(value);
    }
    one.merge(other);
    EXPECT_EQ(one.count(), both.count());
    EXPECT_EQ(one.sum(), both.sum());
    EXPECT_EQ(one.max(), both.max());
    for (std::size_t i = 0; i < both.bucket_count(); ++i) {
        ASSERT_EQ(one.bucket(i), both.bucket(i));
    }
}

TEST(histogram_death, precision_must_match) {
    histogram fine{7};
    const histogram coarse{5};
    EXPECT_DEATH(fine.merge(coarse), "precision_bits_");
    EXPECT_DEATH(histogram{0}, "precision_bits");
    EXPECT_DEATH(histogram{15}, "precision_bits");
}

}  // namespace
}  // namespace ringway::observe
