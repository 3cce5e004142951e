// What the tutorial claims, claim by claim, beside what was measured here.
#pragma once

#include <string>
#include <vector>

#include "lab/results_json.hpp"

namespace ringway::lab {

struct claim_line {
    std::string experiment;  ///< "net echo"
    std::string test;
    std::string subject;
    metric what;
    double claimed;
    double measured;  ///< Not a number where nothing was.
    bool holds = false;
    bool clean = true;  ///< False: others used the processors in every round.
    /// As a multiple of the reference, which is the row of the same test with the weakest claim of
    /// the same metric: what a better way is worth does not depend on how fast a machine is. Not
    /// numbers for the reference itself, and where it was not measured.
    std::string reference;
    double claimed_gain;
    double measured_gain;
};

/// Every claim of every experiment, in the order of the rows.
[[nodiscard]] std::vector<claim_line> claims_of(const bench_run_record& run);

/// The same as cells of a table, and its headings.
[[nodiscard]] std::vector<std::string> claim_cells(const claim_line& line);
[[nodiscard]] const std::vector<std::string>& claim_headings();

}  // namespace ringway::lab
