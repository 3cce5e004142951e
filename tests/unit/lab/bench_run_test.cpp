#include "lab/bench_run.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

using order = std::vector<std::size_t>;

measured_row row(std::string test, std::string subject, double value) {
    return {.test = std::move(test),
            .subject = std::move(subject),
            .measure = [value](const trial& how) -> outcome<measurement> {
                measurement one;
                one.operations = 1;
                // Rounds differ, and what the counting round says must not be used.
                one.set(metric::rate, how.counting ? 1e9 : value + how.round);
                one.set(metric::syscalls, how.counting ? 2 : 99);
                return one;
            }};
}

bench_plan plan_of_four() {
    bench_plan plan{.title = "t", .operation = "o"};
    plan.rows.push_back(row("one", "a", 10));
    plan.rows.push_back(row("two", "a", 20));
    plan.rows.push_back(row("one", "b", 30));
    plan.rows.push_back(row("two", "b", 40));
    return plan;
}

TEST(bench_run, subjects_take_turns_in_going_first) {
    const auto plan = plan_of_four();
    EXPECT_EQ(order_of_round(plan, 0), (order{0, 2, 1, 3}));
    EXPECT_EQ(order_of_round(plan, 1), (order{2, 0, 3, 1}));
    EXPECT_EQ(order_of_round(plan, 2), (order{0, 2, 1, 3}));
}

TEST(bench_run, nobody_always_follows_the_same_one) {
    bench_plan plan{.title = "t", .operation = "o"};
    for (const std::string subject : {"a", "b", "c", "d"}) {
        plan.rows.push_back(row("one", subject, 1));
    }
    EXPECT_EQ(order_of_round(plan, 0), (order{0, 1, 2, 3}));
    EXPECT_EQ(order_of_round(plan, 1), (order{1, 0, 3, 2}));
    EXPECT_EQ(order_of_round(plan, 2), (order{2, 3, 0, 1}));
}

TEST(bench_run, every_round_of_every_row) {
    auto plan = plan_of_four();
    const auto result = run_plan(plan, "g", "n", {.rounds = 3, .seconds = 0.1});
    ASSERT_EQ(result.rows.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        ASSERT_EQ(result.rows[i].rounds.size(), 3U);
        for (unsigned round = 0; round < 3; ++round) {
            EXPECT_EQ(result.rows[i].rounds[round].get(metric::rate),
                      10.0 * static_cast<double>(std::array{1, 2, 3, 4}[i]) + round);
        }
        EXPECT_EQ(result.rows[i].rounds[0].get(metric::syscalls), 2);
        EXPECT_TRUE(result.rows[i].rounds[0].has(metric::others) ||
                    result.rows[i].rounds[0].get(metric::others) != 0);
    }
    EXPECT_TRUE(result.complete);
}

TEST(bench_run, what_fails_once_is_tried_again) {
    int calls = 0;
    bench_plan plan{.title = "t", .operation = "o"};
    plan.rows.push_back(
        {.test = "t", .subject = "s", .measure = [&calls](const trial&) -> outcome<measurement> {
             if (++calls == 1) {
                 return std::unexpected{std::string{"too busy"}};
             }
             return measurement{};
         }});
    const auto result = run_plan(plan, "g", "n", {.rounds = 2, .seconds = 0.1});
    EXPECT_EQ(result.rows[0].not_measured, "");
    EXPECT_EQ(result.rows[0].rounds.size(), 2U);
}

TEST(bench_run, what_fails_twice_is_given_up) {
    int calls = 0;
    bench_plan plan{.title = "t", .operation = "o"};
    plan.rows.push_back(
        {.test = "t", .subject = "s", .measure = [&calls](const trial&) -> outcome<measurement> {
             ++calls;
             return std::unexpected{std::string{"no such\nthing\n"}};
         }});
    plan.rows.push_back({.test = "t", .subject = "absent", .not_measured = "needs fio"});
    const auto result = run_plan(plan, "g", "n", {.rounds = 4, .seconds = 0.1});
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(result.rows[0].not_measured, "no such thing");
    EXPECT_EQ(result.rows[1].not_measured, "needs fio");
    EXPECT_TRUE(result.notes.empty());  // The row says it.
}

TEST(bench_run, the_user_ends_it) {
    static int left;
    left = 5;
    auto plan = plan_of_four();
    const auto result = run_plan(
        plan, "g", "n", {.rounds = 3, .seconds = 0.1, .interrupted = [] { return --left <= 0; }});
    EXPECT_FALSE(result.complete);
}

}  // namespace
}  // namespace ringway::lab
