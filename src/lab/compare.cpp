#include "lab/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/core.h>
#include <string_view>
#include <utility>

namespace ringway::lab {
namespace {

constexpr std::size_t rounds_min = 3;
// Not the system calls: they are counted once in a run, so nothing is known of their noise.
constexpr std::array compared{metric::rate, metric::bytes, metric::p50,
                              metric::p99,  metric::p999,  metric::cpu};
// What makes figures of two runs incomparable when it differs.
constexpr std::array<std::string_view, 7> facts{"kernel",      "processor", "cores",  "governor",
                                                "file_system", "driver",    "network"};
constexpr std::array<std::string_view, 4> settings{"quick", "seconds", "server_core", "load_core"};

std::string value_in(const nlohmann::ordered_json& from, std::string_view name) {
    const auto found = from.find(name);
    return found == from.end()  ? "unknown"
           : found->is_string() ? found->get<std::string>()
                                : found->dump();
}

// What the reader must know when it differs: it may be just what is to be compared.
constexpr std::array<std::string_view, 3> remarkable{"build", "libraries", "programs"};

template <class Names>
void find_obstacles(const Names& names, const nlohmann::ordered_json& before,
                    const nlohmann::ordered_json& after, std::string_view kind,
                    std::vector<std::string>& into) {
    for (const auto name : names) {
        const auto was = value_in(before, name);
        const auto is = value_in(after, name);
        if (was != is) {
            into.push_back(fmt::format("{} differs: {} was {}, is {}", kind, name, was, is));
        }
    }
}

const row_result* same_row(const bench_run_record& in, const experiment_result& experiment,
                           const row_result& row) {
    for (const auto& each : in.experiments) {
        if (each.group != experiment.group || each.name != experiment.name) {
            continue;
        }
        for (const auto& other : each.rows) {
            if (other.test == row.test && other.subject == row.subject && !other.rounds.empty()) {
                return &other;
            }
        }
    }
    return nullptr;
}

verdict judge(metric what, const change& of, const compare_settings& how) {
    const double ratio = of.after / of.before;
    if (!of.ratio.known() || !std::isfinite(ratio)) {
        return verdict::unknown;
    }
    if (of.ratio.holds(1) || std::abs(ratio - 1) * 100 < how.threshold_percent) {
        return verdict::same;
    }
    return (ratio > 1) == (facts_of(what).direction == better::higher) ? verdict::better
                                                                       : verdict::worse;
}

void compare_rows(const std::string& experiment, const row_result& before, const row_result& after,
                  const compare_settings& how, comparison& into) {
    ++into.rows_compared;
    for (const auto what : compared) {
        const auto was = before.values(what);
        const auto is = after.values(what);
        if (was.empty() || is.empty()) {
            continue;
        }
        change one{.experiment = experiment,
                   .test = before.test,
                   .subject = before.subject,
                   .what = what,
                   .before = median_of(was),
                   .after = median_of(is),
                   .ratio = {std::nan(""), std::nan("")}};
        if (was.size() >= rounds_min && is.size() >= rounds_min) {
            one.ratio = bootstrap_ratio(is, was, {.confidence = how.confidence, .seed = how.seed});
            one.is = judge(what, one, how);
        }
        into.changes.push_back(std::move(one));
    }
    for (const auto& [row, when] : {std::pair{&before, "before"}, {&after, "after"}}) {
        if (const auto marks = row->marks(); marks.contains('!') || marks.contains('F')) {
            into.remarks.push_back(fmt::format(
                "{}, {}, {}: {} {}", experiment, row->test, row->subject,
                marks.contains('F') ? "operations failed" : "others used the processors", when));
        }
    }
}

std::string change_line(const change& one) {
    return fmt::format("  {:<7} {} | {} | {}: {} {} -> {}, {:+.1f} % ({:+.1f} to {:+.1f})\n",
                       one.is == verdict::worse ? "WORSE" : "better", one.experiment, one.test,
                       one.subject, facts_of(one.what).heading, value_text(one.what, one.before),
                       value_with_unit(one.what, one.after), (one.after / one.before - 1) * 100,
                       (one.ratio.low - 1) * 100, (one.ratio.high - 1) * 100);
}

}  // namespace

std::size_t comparison::count(verdict of) const {
    return static_cast<std::size_t>(std::ranges::count(changes, of, &change::is));
}

comparison compare(const bench_run_record& before, const bench_run_record& after,
                   const compare_settings& how) {
    comparison found;
    find_obstacles(facts, before.machine, after.machine, "the machine", found.obstacles);
    find_obstacles(settings, before.settings, after.settings, "a setting", found.obstacles);
    for (const auto name : remarkable) {
        const auto was = value_in(before.machine, name);
        const auto is = value_in(after.machine, name);
        if (was != is) {
            found.remarks.push_back(fmt::format("{} differs: {} before, {} after", name, was, is));
        }
    }
    for (const auto& experiment : before.experiments) {
        const auto name = experiment.group + " " + experiment.name;
        for (const auto& row : experiment.rows) {
            if (row.rounds.empty()) {
                continue;
            }
            if (const auto* const other = same_row(after, experiment, row)) {
                compare_rows(name, row, *other, how, found);
            } else {
                found.remarks.push_back(
                    fmt::format("{}, {}, {}: in the first run only", name, row.test, row.subject));
            }
        }
    }
    return found;
}

std::string as_text(const comparison& of) {
    std::string text;
    for (const auto& line : of.obstacles) {
        text += fmt::format("Not comparable: {}\n", line);
    }
    if (of.rows_compared == 0) {
        text += "Not comparable: the two runs have no row in common.\n";
    }
    for (const auto kind : {verdict::worse, verdict::better}) {
        for (const auto& one : of.changes) {
            text += one.is == kind ? change_line(one) : "";
        }
    }
    for (const auto& line : of.remarks) {
        text += fmt::format("  note: {}\n", line);
    }
    return text + fmt::format(
                      "{} rows, {} figures: {} worse, {} better, {} the same within the "
                      "noise, {} with too few rounds to tell.\n",
                      of.rows_compared, of.changes.size(), of.worse(), of.count(verdict::better),
                      of.count(verdict::same), of.count(verdict::unknown));
}

}  // namespace ringway::lab
