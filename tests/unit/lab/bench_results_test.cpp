#include "lab/bench_results.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

measurement round_of(double rate, double others = 0) {
    measurement one;
    one.set(metric::rate, rate);
    one.set(metric::others, others);
    return one;
}

row_result row_of(std::string subject, const std::vector<measurement>& rounds) {
    row_result row{.test = "t", .subject = std::move(subject)};
    for (unsigned i = 0; i < rounds.size(); ++i) {
        row.rounds.push_back(rounds[i]);
        row.round_numbers.push_back(i);
    }
    return row;
}

TEST(bench_results, unclean_rounds_are_left_out) {
    const auto row = row_of("a", {round_of(10), round_of(1000, 50), round_of(20)});
    EXPECT_EQ(row.values(metric::rate), (std::vector{10.0, 20.0}));
    EXPECT_EQ(row.median(metric::rate), 15);
    EXPECT_EQ(row.clean_rounds(), 2U);
    EXPECT_EQ(row.marks(), "");
}

TEST(bench_results, without_a_clean_round_all_count_and_it_is_said) {
    auto row = row_of("a", {round_of(10, 60), round_of(20, 50)});
    EXPECT_EQ(row.median(metric::rate), 15);
    EXPECT_EQ(row.marks(), "!");
    row.rounds[0].set(metric::load, 99);
    row.rounds[1].set(metric::load, 100);
    row.rounds[1].failed = 1;
    EXPECT_EQ(row.marks(), "!LF");
}

// The machine was three times as fast in one round: the ratio within each round does not see it.
TEST(bench_results, ratios_are_taken_within_rounds) {
    const auto base = row_of("base", {round_of(100), round_of(300), round_of(110)});
    const auto other = row_of("other", {round_of(150), round_of(450), round_of(165)});
    const auto ratio = ratio_to(other, base, metric::rate);
    EXPECT_DOUBLE_EQ(ratio.median, 1.5);
    EXPECT_DOUBLE_EQ(ratio.range.low, 1.5);
    EXPECT_DOUBLE_EQ(ratio.range.high, 1.5);
}

TEST(bench_results, ratios_need_the_same_round) {
    auto base = row_of("base", {round_of(100)});
    base.round_numbers = {1};
    const auto other = row_of("other", {round_of(150)});
    EXPECT_TRUE(std::isnan(ratio_to(other, base, metric::rate).median));
}

TEST(bench_results, the_baseline_is_of_the_same_test) {
    experiment_result all{.baseline = "b"};
    all.rows = {row_of("a", {round_of(1)}), row_of("b", {round_of(1)})};
    all.rows.push_back(row_of("a", {round_of(1)}));
    all.rows.back().test = "other";
    EXPECT_EQ(baseline_of(all, all.rows[0]), &all.rows[1]);
    EXPECT_EQ(baseline_of(all, all.rows[2]), nullptr);
    all.baseline = "";
    EXPECT_EQ(baseline_of(all, all.rows[1]), &all.rows[0]);
}

TEST(bench_results, columns_are_what_there_is) {
    experiment_result all;
    all.rows = {row_of("a", {round_of(1)})};
    all.rows[0].claims = {{metric::p50, 40}};
    EXPECT_EQ(metrics_in(all), (std::vector{metric::rate, metric::p50, metric::others}));
    EXPECT_EQ(all.rows[0].claim(metric::p50), 40);
    EXPECT_TRUE(std::isnan(all.rows[0].claim(metric::p99)));
}

}  // namespace
}  // namespace ringway::lab
