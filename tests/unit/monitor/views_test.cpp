#include "monitor/views.hpp"

#include <gtest/gtest.h>

#include "support/made_snapshot.hpp"

namespace ringway::monitor {
namespace {

using test::made_snapshot;

TEST(monitor_views, say_why_they_have_nothing) {
    snapshot now = made_snapshot(3);
    now.missing[static_cast<std::size_t>(view_id::drops)] = "no tracepoint";
    const auto made = make_view(view_id::drops, now, nullptr);
    EXPECT_EQ(made.missing, "no tracepoint");
    EXPECT_TRUE(made.facts.empty());
    EXPECT_EQ(make_view(view_id::queues, now, nullptr).missing, "");
}

TEST(monitor_views, are_sorted_by_a_column_of_theirs) {
    for (std::size_t i = 0; i < view_count; ++i) {
        const auto which = static_cast<view_id>(i);
        const auto made = make_view(which, made_snapshot(1), nullptr);
        EXPECT_TRUE(made.find(default_sort(which))) << name_of(which);
        EXPECT_EQ(made.view, which);
    }
}

TEST(monitor_views, have_what_matters_within_80_columns) {
    for (std::size_t i = 0; i < view_count; ++i) {
        const auto made = make_view(static_cast<view_id>(i), made_snapshot(1), nullptr);
        unsigned width = 0;
        for (const column& each : made.columns) {
            width += each.expendable == 0 ? each.width + 1 : 0;
        }
        EXPECT_LE(width, 81U) << name_of(made.view);
    }
}

TEST(monitor_views, reckon_rates) {
    EXPECT_DOUBLE_EQ(detail::rate(30, 10, 2), 10);
    EXPECT_DOUBLE_EQ(detail::rate(5, 10, 2), 0);
    const snapshot before = made_snapshot(3);
    EXPECT_DOUBLE_EQ(detail::seconds_between(made_snapshot(5), &before), 2);
    EXPECT_DOUBLE_EQ(detail::seconds_between(made_snapshot(5), nullptr), 5);
    EXPECT_GT(detail::seconds_between(before, &before), 0);
}

TEST(monitor_views, find_quantiles_in_buckets) {
    __u64 buckets[MONITOR_LATENCY_BUCKETS]{};
    EXPECT_DOUBLE_EQ(detail::quantile_us(buckets, 0.5), 0);
    buckets[0] = 50;
    buckets[4] = 49;
    buckets[10] = 1;
    EXPECT_DOUBLE_EQ(detail::quantile_us(buckets, 0.5), 2);
    EXPECT_DOUBLE_EQ(detail::quantile_us(buckets, 0.99), 32);
    EXPECT_DOUBLE_EQ(detail::quantile_us(buckets, 1), 2048);
}

}  // namespace
}  // namespace ringway::monitor
