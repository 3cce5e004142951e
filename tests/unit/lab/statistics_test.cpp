#include "lab/statistics.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(statistics, median) {
    EXPECT_TRUE(std::isnan(median_of({})));
    EXPECT_EQ(median_of(std::vector{3.0}), 3);
    EXPECT_EQ(median_of(std::vector{9.0, 1.0, 5.0}), 5);
    EXPECT_EQ(median_of(std::vector{4.0, 1.0, 100.0, 2.0}), 3);
}

TEST(statistics, known_values) {
    EXPECT_EQ(known_of(std::vector{1.0, std::nan(""), 2.0}), (std::vector{1.0, 2.0}));
}

TEST(statistics, bootstrap_of_equal_values_is_that_value) {
    const std::vector<double> same(5, 7.0);
    const auto range = bootstrap_median(same);
    EXPECT_EQ(range.low, 7);
    EXPECT_EQ(range.high, 7);
    EXPECT_FALSE(bootstrap_median(std::vector{1.0}).known());
}

TEST(statistics, bootstrap_is_reproducible_and_inside_the_data) {
    const std::vector<double> values{1, 2, 3, 4, 100};
    const auto one = bootstrap_median(values, {.seed = 5});
    const auto again = bootstrap_median(values, {.seed = 5});
    EXPECT_EQ(one.low, again.low);
    EXPECT_EQ(one.high, again.high);
    EXPECT_GE(one.low, 1);
    EXPECT_LE(one.high, 100);
    EXPECT_TRUE(one.holds(3));
}

// The exact distribution of the median of three draws from {1, 2, 3}: it is 1 in 7 of 27 cases, 2
// in 13, 3 in 7. An interval of 40 % leaves out 30 % on either side, which is more than 7/27: so it
// must be [2, 2]. One of 60 % leaves out 20 %, less than that: [1, 3].
TEST(statistics, bootstrap_has_the_exact_quantiles) {
    const std::vector<double> values{1, 2, 3};
    const auto narrow = bootstrap_median(values, {.confidence = 0.4, .resamples = 20'000});
    EXPECT_EQ(narrow.low, 2);
    EXPECT_EQ(narrow.high, 2);
    const auto wide = bootstrap_median(values, {.confidence = 0.6, .resamples = 20'000});
    EXPECT_EQ(wide.low, 1);
    EXPECT_EQ(wide.high, 3);
}

// Of many samples of a known distribution the interval holds its median about as often as it says.
TEST(statistics, bootstrap_covers_the_true_median) {
    std::mt19937_64 random{1};
    std::normal_distribution<double> noise{50, 5};
    int held = 0;
    constexpr int samples = 400;
    for (int i = 0; i < samples; ++i) {
        std::vector<double> values(21);
        for (auto& each : values) {
            each = noise(random);
        }
        held += bootstrap_median(values, {.resamples = 500}).holds(50) ? 1 : 0;
    }
    EXPECT_GT(held, samples * 88 / 100);
    EXPECT_LT(held, samples);
}

TEST(statistics, ratio) {
    const std::vector<double> base{10, 10, 10};
    const std::vector<double> twice{20, 20, 20};
    const auto range = bootstrap_ratio(twice, base);
    EXPECT_EQ(range.low, 2);
    EXPECT_EQ(range.high, 2);
    EXPECT_FALSE(bootstrap_ratio(twice, std::vector{1.0}).known());
    EXPECT_FALSE(bootstrap_ratio(twice, std::vector{0.0, 0.0}).known());
}

}  // namespace
}  // namespace ringway::lab
