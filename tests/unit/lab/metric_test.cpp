#include "lab/metric.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(metric, names_lead_back) {
    std::set<std::string_view> names;
    for (const auto what : all_metrics()) {
        EXPECT_TRUE(names.insert(facts_of(what).name).second);
        EXPECT_EQ(find_metric(facts_of(what).name), what);
    }
    EXPECT_EQ(names.size(), metric_count);
    EXPECT_EQ(find_metric("speed"), std::nullopt);
}

TEST(metric, values_have_three_digits) {
    EXPECT_EQ(value_text(metric::p50, 0), "0");
    EXPECT_EQ(value_text(metric::p50, 1.234), "1.23");
    EXPECT_EQ(value_text(metric::p50, 12.345), "12.3");
    EXPECT_EQ(value_text(metric::p50, 1234.5), "1234");
    EXPECT_EQ(value_text(metric::syscalls, 0.0123), "0.01");
    EXPECT_EQ(value_text(metric::rate, 1'234'567), "1,234,567");
    EXPECT_EQ(value_text(metric::rate, 999), "999");
    EXPECT_EQ(value_text(metric::bytes, 1'850'000'000), "1.85 GB");
    EXPECT_EQ(value_text(metric::bytes, 999.7), "1.00 KB");
    EXPECT_EQ(value_text(metric::bytes, 12), "12.0 B");
    EXPECT_EQ(value_text(metric::cpu, std::nan("")), "-");
}

TEST(metric, units) {
    EXPECT_EQ(value_with_unit(metric::p99, 40), "40.0 us");
    EXPECT_EQ(value_with_unit(metric::rate, 100'000), "100,000/s");
    EXPECT_EQ(value_with_unit(metric::bytes, 3e9), "3.00 GB/s");
    EXPECT_EQ(value_with_unit(metric::busy, 80), "80 %");
}

}  // namespace
}  // namespace ringway::lab
