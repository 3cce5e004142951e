#include <ringway/observe/prometheus.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/prometheus_check.hpp"

namespace ringway::observe {
namespace {

using testing::IsEmpty;
using testing::Not;
using testing_support::check_prometheus;

TEST(prometheus, a_family_with_samples) {
    std::string out;
    prometheus_writer page{out};
    page.family("x_total", metric_type::counter, "How many.");
    page.sample({}, std::uint64_t{18'446'744'073'709'551'615U});
    page.family("y", metric_type::gauge, "How much.");
    page.sample({{"a", "1"}, {"b", "2"}}, std::int64_t{-5});
    page.sample({{"a", "2"}}, 0.25);
    EXPECT_EQ(out,
              "# HELP ringway_x_total How many.\n# TYPE ringway_x_total counter\n"
              "ringway_x_total 18446744073709551615\n"
              "# HELP ringway_y How much.\n# TYPE ringway_y gauge\n"
              "ringway_y{a=\"1\",b=\"2\"} -5\n"
              "ringway_y{a=\"2\"} 0.25\n");
    EXPECT_THAT(check_prometheus(out).problems, IsEmpty());
}

TEST(prometheus, a_family_without_samples_leaves_no_trace) {
    std::string out;
    prometheus_writer page{out};
    page.family("x_total", metric_type::counter, "How many.");
    page.family("y", metric_type::gauge, "How much.");
    EXPECT_EQ(out, "");
}

TEST(prometheus, escapes) {
    std::string out;
    prometheus_writer page{out};
    page.family("x", metric_type::gauge, "A \\ and a\nline \"feed\".");
    page.sample({{"a", "\"q\" \\ \n"}}, std::uint64_t{1});
    EXPECT_EQ(out,
              "# HELP ringway_x A \\\\ and a\\nline \"feed\".\n# TYPE ringway_x gauge\n"
              "ringway_x{a=\"\\\"q\\\" \\\\ \\n\"} 1\n");
    EXPECT_THAT(check_prometheus(out).problems, IsEmpty());
}

TEST(prometheus, odd_numbers) {
    std::string out;
    prometheus_writer page{out};
    page.family("x", metric_type::gauge, "X.");
    page.sample({{"a", "1"}}, std::numeric_limits<double>::infinity());
    page.sample({{"a", "2"}}, -std::numeric_limits<double>::infinity());
    page.sample({{"a", "3"}}, std::numeric_limits<double>::quiet_NaN());
    page.sample({{"a", "4"}}, 1e-9);
    EXPECT_NE(out.find("} +Inf\n"), std::string::npos);
    EXPECT_NE(out.find("} -Inf\n"), std::string::npos);
    EXPECT_NE(out.find("} NaN\n"), std::string::npos);
    EXPECT_NE(out.find("} 1e-09\n"), std::string::npos);
}

TEST(prometheus, histograms_are_cumulative) {
    std::string out;
    prometheus_writer page{out};
    page.family("d_seconds", metric_type::histogram, "D.");
    constexpr std::array<std::uint64_t, 2> bounds{25'000, 2'500'000'000};
    constexpr std::array<std::uint64_t, 3> buckets{1, 2, 4};
    page.duration_histogram({{"p", "q"}}, bounds, buckets, 1'500'000'000);
    EXPECT_EQ(out,
              "# HELP ringway_d_seconds D.\n# TYPE ringway_d_seconds histogram\n"
              "ringway_d_seconds_bucket{p=\"q\",le=\"2.5e-05\"} 1\n"
              "ringway_d_seconds_bucket{p=\"q\",le=\"2.5\"} 3\n"
              "ringway_d_seconds_bucket{p=\"q\",le=\"+Inf\"} 7\n"
              "ringway_d_seconds_sum{p=\"q\"} 1.5\n"
              "ringway_d_seconds_count{p=\"q\"} 7\n");
    EXPECT_THAT(check_prometheus(out).problems, IsEmpty());
}

TEST(prometheus_death, bad_names_are_bugs) {
    std::string out;
    prometheus_writer page{out};
    EXPECT_DEATH(page.family("x", metric_type::counter, "Not _total."), "suits");
    EXPECT_DEATH(page.family("x_total", metric_type::gauge, "Total."), "suits");
    EXPECT_DEATH(page.family("X-y", metric_type::gauge, "Bad."), "suits");
    page.family("x", metric_type::gauge, "X.");
    EXPECT_DEATH(page.sample({{"a-b", ""}}, std::uint64_t{1}), "is_name");
}

// Goal: the checker that the tests rely on finds what it should.
TEST(prometheus_check, finds_problems) {
    const std::string head = "# HELP a_total A.\n# TYPE a_total counter\n";
    const std::string histogram = "# HELP h H.\n# TYPE h histogram\n";
    EXPECT_THAT(check_prometheus(head + "a_total 1\n").problems, IsEmpty());
    for (const auto& bad :
         {head + "a_total 1", head + "a_total 1\na_total 1\n", head + "a_total{b=\"} 1\n",
          head + "a_total{b=\"\\x\"} 1\n", head + "a_total -1\n", head + head + "a_total 1\n",
          head + "a_total x\n", std::string{"a_total 1\n"},
          std::string{"# HELP a A.\n# TYPE a counter\na 1\n"},
          head + "a_total 1\n# HELP b B.\n# TYPE b gauge\nb 1\na_total{c=\"\"} 1\n",
          histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
          histogram + "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n"
                      "h_sum 1\nh_count 1\n",
          histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
          histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
          histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n"}) {
        EXPECT_THAT(check_prometheus(bad).problems, Not(IsEmpty())) << bad;
    }
}

}  // namespace
}  // namespace ringway::observe
