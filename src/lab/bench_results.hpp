// What was measured, round by round, and what is said of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lab/bench_plan.hpp"
#include "lab/measurement.hpp"
#include "lab/statistics.hpp"

namespace ringway::lab {

/// A round is clean when others used at most so much of a core meanwhile; unclean ones are left
/// out of the medians where a clean one exists.
inline constexpr double others_percent_max = 10;
/// Above it the load generator, not the server, sets the rate.
inline constexpr double load_percent_max = 95;

/// Below this share of the rate that was asked for a server could not keep up.
inline constexpr double kept_up_least = 0.98;

struct row_result {
    std::string test;
    std::string subject;
    std::string not_measured;  ///< Why there are no rounds; "" if there are.
    std::vector<claimed_value> claims;
    std::vector<measurement> rounds;
    std::vector<unsigned> round_numbers;  ///< Of each of `rounds`.

    /// The rounds that count: the clean ones, or all.
    [[nodiscard]] std::vector<double> values(metric what) const;
    [[nodiscard]] double median(metric what) const { return median_of(values(what)); }
    [[nodiscard]] std::size_t clean_rounds() const;
    [[nodiscard]] std::uint64_t failed() const;
    /// What the tutorial claims; not a number if nothing.
    [[nodiscard]] double claim(metric what) const;
    /// One letter for each doubt: ! others were at work, L the load set the rate, B the server
    /// fell behind a constant rate, F failures.
    [[nodiscard]] std::string marks() const;
};

struct experiment_result {
    std::string group;
    std::string name;
    std::string title;
    std::string operation;
    std::string baseline;
    std::vector<metric> ratios;
    std::vector<row_result> rows;
    std::vector<wanted_chart> charts;
    std::vector<std::string> notes;
    bool complete = true;  ///< False: the user ended it.
};

/// The row that the ratios of `row` are to; null if that was not measured.
[[nodiscard]] const row_result* baseline_of(const experiment_result& in, const row_result& row);

struct ratio_result {
    double median;
    interval range;
};
/// The ratio to `base`, from rounds that both have: taken within each round, so that a machine's
/// drift falls out.
[[nodiscard]] ratio_result ratio_to(const row_result& row, const row_result& base, metric what);

/// Metrics that any row has a value of, or a claim, in the order of the columns.
[[nodiscard]] std::vector<metric> metrics_in(const experiment_result& of);

/// What the letters of `marks` mean, for the letters that occur.
[[nodiscard]] std::vector<std::string> mark_meanings(const experiment_result& of);

}  // namespace ringway::lab
