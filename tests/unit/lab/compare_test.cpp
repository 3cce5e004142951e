#include "lab/compare.hpp"

#include <random>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

// A run of one row whose figures scatter by 3 % around `cpu` and `rate`.
bench_run_record run_of(double cpu, double rate, std::uint64_t seed, int rounds = 10) {
    std::mt19937_64 random{seed};
    std::normal_distribution<double> noise{1, 0.03};
    row_result row{.test = "64 connections", .subject = "epoll"};
    for (int i = 0; i < rounds; ++i) {
        measurement one;
        one.set(metric::cpu, cpu * noise(random));
        one.set(metric::rate, rate * noise(random));
        row.rounds.push_back(one);
        row.round_numbers.push_back(static_cast<unsigned>(i));
    }
    bench_run_record run{.version = "1"};
    run.machine["kernel"] = "6.18";
    run.settings["seconds"] = 3;
    run.experiments.push_back({.group = "net", .name = "echo"});
    run.experiments[0].rows.push_back(row);
    return run;
}

TEST(compare, noise_is_no_change) {
    int alarms = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const auto found = compare(run_of(10, 1000, seed), run_of(10, 1000, seed + 1000));
        alarms += static_cast<int>(found.count(verdict::worse) + found.count(verdict::better));
    }
    EXPECT_LE(alarms, 5);  // Of 100 figures, with intervals of 99 % of so few values.
}

TEST(compare, a_real_change_is_found_with_its_direction) {
    const auto found = compare(run_of(10, 1000, 1), run_of(12, 1200, 2));
    ASSERT_EQ(found.changes.size(), 2U);
    EXPECT_EQ(found.changes[0].what, metric::rate);
    EXPECT_EQ(found.changes[0].is, verdict::better);
    EXPECT_EQ(found.changes[1].what, metric::cpu);
    EXPECT_EQ(found.changes[1].is, verdict::worse);
    EXPECT_TRUE(found.changes[1].ratio.holds(1.2));
    EXPECT_EQ(found.worse(), 1U);
    EXPECT_TRUE(as_text(found).contains("WORSE"));
}

TEST(compare, a_change_below_the_threshold_is_passed_over) {
    const auto found = compare(run_of(10, 1000, 1), run_of(12, 1200, 2), {.threshold_percent = 50});
    EXPECT_EQ(found.count(verdict::same), 2U);
}

TEST(compare, too_few_rounds_prove_nothing) {
    const auto found = compare(run_of(10, 1000, 1, 2), run_of(20, 1000, 2, 2));
    EXPECT_EQ(found.count(verdict::unknown), 2U);
    EXPECT_EQ(found.worse(), 0U);
}

TEST(compare, other_machines_and_settings_are_an_obstacle) {
    auto other = run_of(10, 1000, 2);
    other.machine["kernel"] = "6.12";
    other.settings["seconds"] = 1;
    const auto found = compare(run_of(10, 1000, 1), other);
    EXPECT_EQ(found.obstacles,
              (std::vector<std::string>{"the machine differs: kernel was 6.18, is 6.12",
                                        "a setting differs: seconds was 3, is 1"}));
}

TEST(compare, rows_of_one_run_only_are_named) {
    auto other = run_of(10, 1000, 2);
    other.experiments[0].rows[0].subject = "threads";
    const auto found = compare(run_of(10, 1000, 1), other);
    EXPECT_EQ(found.rows_compared, 0U);
    EXPECT_EQ(found.remarks,
              (std::vector<std::string>{"net echo, 64 connections, epoll: in the first run only"}));
}

}  // namespace
}  // namespace ringway::lab
