#include "lab/claims.hpp"

#include <cmath>
#include <fmt/core.h>
#include <limits>

#include "lab/results_text.hpp"

namespace ringway::lab {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Whether claim `a` promises less than `b`.
bool is_weaker(metric what, double a, double b) {
    return facts_of(what).direction == better::higher ? a < b : a > b;
}

const row_result* reference_of(const experiment_result& in, const std::string& test, metric what) {
    const row_result* weakest = nullptr;
    for (const auto& row : in.rows) {
        const auto claim = row.claim(what);
        if (row.test == test && std::isfinite(claim) &&
            (weakest == nullptr || is_weaker(what, claim, weakest->claim(what)))) {
            weakest = &row;
        }
    }
    return weakest;
}

// How many times as good as `base`.
double gain(metric what, double value, double base) {
    return facts_of(what).direction == better::higher ? value / base : base / value;
}

claim_line line_of(const experiment_result& in, const row_result& row, const claimed_value& claim) {
    const auto measured = row.median(claim.what);
    claim_line line{
        .experiment = in.group + " " + in.name,
        .test = row.test,
        .subject = row.subject,
        .what = claim.what,
        .claimed = claim.value,
        .measured = measured,
        .holds = std::isfinite(measured) && claim_holds(claim.what, claim.value, measured),
        .clean = !row.marks().contains('!'),
        .reference = {},
        .claimed_gain = unknown,
        .measured_gain = unknown};
    const auto* const reference = reference_of(in, row.test, claim.what);
    if (reference != nullptr && reference != &row) {
        line.reference = reference->subject;
        line.claimed_gain = gain(claim.what, claim.value, reference->claim(claim.what));
        line.measured_gain = gain(claim.what, measured, reference->median(claim.what));
    }
    return line;
}

std::string times_text(double value) {
    return std::isfinite(value) ? fmt::format("{:.2f}", value) : "-";
}

}  // namespace

std::vector<claim_line> claims_of(const bench_run_record& run) {
    std::vector<claim_line> lines;
    for (const auto& experiment : run.experiments) {
        for (const auto& row : experiment.rows) {
            for (const auto& claim : row.claims) {
                lines.push_back(line_of(experiment, row, claim));
            }
        }
    }
    return lines;
}

std::vector<std::string> claim_cells(const claim_line& line) {
    const bool known = std::isfinite(line.measured);
    return {line.experiment,
            line.test,
            line.subject,
            std::string{facts_of(line.what).heading},
            value_with_unit(line.what, line.claimed),
            known ? value_with_unit(line.what, line.measured) : "not measured",
            known ? fmt::format("{}{}", line.holds ? "yes" : "no", line.clean ? "" : " !") : "-",
            line.reference.empty() ? "-" : line.reference,
            times_text(line.claimed_gain),
            times_text(line.measured_gain)};
}

const std::vector<std::string>& claim_headings() {
    static const std::vector<std::string> headings{
        "experiment", "conditions", "way",         "figure",    "claimed",
        "measured",   "holds here", "better than", "claimed x", "measured x"};
    return headings;
}

}  // namespace ringway::lab
