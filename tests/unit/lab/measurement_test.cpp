#include "lab/measurement.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(measurement, begins_empty) {
    const measurement none;
    for (const auto what : all_metrics()) {
        EXPECT_FALSE(none.has(what));
    }
}

TEST(measurement, percentiles_of_known_values) {
    observe::histogram latency{14};
    for (std::uint64_t us = 1; us <= 1000; ++us) {
        latency.record(us * 1000);
    }
    measurement one;
    one.set_latency(latency);
    EXPECT_NEAR(one.get(metric::p50), 500, 0.1);
    EXPECT_NEAR(one.get(metric::p99), 990, 0.1);
    EXPECT_NEAR(one.get(metric::p999), 999, 0.1);
}

TEST(measurement, nothing_of_an_empty_histogram) {
    measurement one;
    one.set_latency(observe::histogram{});
    EXPECT_FALSE(one.has(metric::p50));
}

TEST(measurement, counts) {
    measurement one;
    one.set_counts(1000, 64'000, 2);
    EXPECT_EQ(one.operations, 1000U);
    EXPECT_EQ(one.get(metric::rate), 500);
    EXPECT_EQ(one.get(metric::bytes), 32'000);
    measurement bare;
    bare.set_counts(10, 0, 1);
    EXPECT_FALSE(bare.has(metric::bytes));
}

}  // namespace
}  // namespace ringway::lab
