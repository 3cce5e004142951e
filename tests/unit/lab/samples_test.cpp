#include "lab/samples.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(samples, quantiles_are_values_that_occurred) {
    samples some;
    for (const double value : {5.0, 1.0, 4.0, 2.0, 3.0}) {
        some.add(value);
    }
    EXPECT_EQ(some.min(), 1);
    EXPECT_EQ(some.median(), 3);
    EXPECT_EQ(some.quantile(0.6), 3);
    EXPECT_EQ(some.quantile(0.61), 4);
    EXPECT_EQ(some.max(), 5);
    EXPECT_EQ(some.mean(), 3);
    EXPECT_EQ(some.count(), 5U);
}

TEST(samples, none) {
    const samples none;
    EXPECT_EQ(none.median(), 0);
    EXPECT_EQ(none.mean(), 0);
    EXPECT_TRUE(none.distribution().empty());
}

TEST(samples, distribution_rises_to_one) {
    samples some;
    some.add(7);
    some.add(3);
    const std::vector<std::pair<double, double>> expected{{3, 0.5}, {7, 1}};
    EXPECT_EQ(some.distribution(), expected);
}

}  // namespace
}  // namespace ringway::lab
