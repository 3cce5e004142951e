#include "lab/served_rows.hpp"

#include <array>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(served_rows, several_loads_are_one) {
    std::array<measurement, 2> parts;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto more = static_cast<double>(i);
        parts[i].operations = 100;
        parts[i].failed = i;
        parts[i].set(metric::rate, 100'000 + 100'000 * more);
        parts[i].set(metric::bytes, 1e6);
        parts[i].set(metric::p99, 50 + 10 * more);
        parts[i].set(metric::busy, 150);
        parts[i].set(metric::load, 60 + 20 * more);
    }
    const auto all = merged(parts);
    EXPECT_EQ(all.operations, 200U);
    EXPECT_EQ(all.failed, 1U);
    EXPECT_EQ(all.get(metric::rate), 300'000);
    EXPECT_EQ(all.get(metric::bytes), 2e6);
    EXPECT_EQ(all.get(metric::p99), 60);
    EXPECT_EQ(all.get(metric::load), 70);
    EXPECT_DOUBLE_EQ(all.get(metric::cpu), 5);  // 1.5 s of processor time for 300,000.
}

TEST(served_rows, words) {
    EXPECT_EQ(connections_text(1), "1 connection");
    EXPECT_EQ(connections_text(64), "64 connections");
    EXPECT_EQ(connections_text(10'000), "10,000 connections");
    EXPECT_TRUE(has_program("sh"));
    EXPECT_FALSE(has_program("no-such-program"));
}

TEST(served_rows, counts_of_connections) {
    const std::vector<unsigned> usual{1, 1000, 10'000};
    EXPECT_EQ(connections_or({}, usual), usual);
    EXPECT_EQ(connections_or({.quick = true}, usual), (std::vector<unsigned>{1, 1000}));
    EXPECT_EQ(connections_or({.connections = {7}}, usual), (std::vector<unsigned>{7}));
    EXPECT_EQ(rates_or({}, {1, 2}), (std::vector<double>{1, 2}));
    EXPECT_EQ(rates_or({.rates = {7}}, {1, 2}), (std::vector<double>{7}));
}

}  // namespace
}  // namespace ringway::lab
