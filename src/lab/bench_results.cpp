#include "lab/bench_results.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

namespace ringway::lab {
namespace {

bool is_clean(const measurement& one) {
    return !(one.get(metric::others) > others_percent_max);  // Unknown is taken for clean.
}

const measurement* round_of(const row_result& row, unsigned number) {
    const auto found = std::ranges::find(row.round_numbers, number);
    return found == row.round_numbers.end()
               ? nullptr
               : &row.rounds[static_cast<std::size_t>(found - row.round_numbers.begin())];
}

}  // namespace

std::vector<double> row_result::values(metric what) const {
    const bool some_clean = clean_rounds() > 0;
    std::vector<double> found;
    for (const auto& one : rounds) {
        if (one.has(what) && (!some_clean || is_clean(one))) {
            found.push_back(one.get(what));
        }
    }
    return found;
}

std::size_t row_result::clean_rounds() const {
    return static_cast<std::size_t>(std::ranges::count_if(rounds, is_clean));
}

std::uint64_t row_result::failed() const {
    std::uint64_t all = 0;
    for (const auto& one : rounds) {
        all += one.failed;
    }
    return all;
}

double row_result::claim(metric what) const {
    const auto found = std::ranges::find(claims, what, &claimed_value::what);
    return found == claims.end() ? std::numeric_limits<double>::quiet_NaN() : found->value;
}

std::string row_result::marks() const {
    std::string letters;
    if (!rounds.empty() && clean_rounds() == 0) {
        letters += '!';
    }
    if (median(metric::load) > load_percent_max) {
        letters += 'L';
    }
    if (median(metric::rate) < median(metric::offered) * kept_up_least) {
        letters += 'B';
    }
    if (failed() > 0) {
        letters += 'F';
    }
    return letters;
}

const row_result* baseline_of(const experiment_result& in, const row_result& row) {
    for (const auto& each : in.rows) {
        if (each.test == row.test && !each.rounds.empty() &&
            (in.baseline.empty() || each.subject == in.baseline)) {
            return &each;
        }
    }
    return nullptr;
}

ratio_result ratio_to(const row_result& row, const row_result& base, metric what) {
    std::vector<double> clean;
    std::vector<double> all;
    for (std::size_t i = 0; i < row.rounds.size(); ++i) {
        const auto* const other = round_of(base, row.round_numbers[i]);
        if (other == nullptr || !row.rounds[i].has(what) || !other->has(what) ||
            other->get(what) == 0) {
            continue;
        }
        all.push_back(row.rounds[i].get(what) / other->get(what));
        if (is_clean(row.rounds[i]) && is_clean(*other)) {
            clean.push_back(all.back());
        }
    }
    const auto& used = clean.empty() ? all : clean;
    return {median_of(used), bootstrap_median(used)};
}

std::vector<metric> metrics_in(const experiment_result& of) {
    std::vector<metric> found;
    for (const auto what : all_metrics()) {
        const bool any = std::ranges::any_of(of.rows, [what](const row_result& row) {
            return std::isfinite(row.claim(what)) || !row.values(what).empty();
        });
        if (any) {
            found.push_back(what);
        }
    }
    return found;
}

std::vector<std::string> mark_meanings(const experiment_result& of) {
    std::string seen;
    for (const auto& row : of.rows) {
        seen += row.marks();
    }
    std::vector<std::string> lines;
    if (seen.contains('!')) {
        lines.push_back(
            fmt::format("!: others used more than {:.0f} % of a core in every round: do not quote",
                        others_percent_max));
    }
    if (seen.contains('L')) {
        lines.emplace_back(
            "L: the load generator was at its limit: the rate is its own, compare the CPU");
    }
    if (seen.contains('B')) {
        lines.emplace_back(
            "B: behind: fewer were answered than asked for, so latency grows with the length of "
            "the measurement");
    }
    if (seen.contains('F')) {
        lines.emplace_back("F: some operations failed: not comparable");
    }
    return lines;
}

}  // namespace ringway::lab
