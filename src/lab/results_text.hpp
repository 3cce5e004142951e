// Results of experiments as tables: for a terminal, and for a Markdown document.
#pragma once

#include <string>
#include <vector>

#include "lab/bench_results.hpp"
#include "lab/results_json.hpp"

namespace ringway::lab {

/// A table with medians and ratios, its claims beside what was measured, then the notes.
[[nodiscard]] std::string as_text(const experiment_result& of);

/// All tables, with the machine's facts before them, to be pasted into a document.
[[nodiscard]] std::string as_markdown(const bench_run_record& run);

/// A fact of a machine or a setting in words; a list of names with values as "nginx 1.22.1, fio
/// 3.33".
[[nodiscard]] std::string fact_text(const nlohmann::ordered_json& value);

/// What is missing in a run, a line each: that it was interrupted, and experiments without results.
/// None when nothing is.
[[nodiscard]] std::vector<std::string> gaps_of(const bench_run_record& run);

/// "40 us: no, 12.3 us" and the like are made of this: whether a measured value is at least as good
/// as the claimed one.
[[nodiscard]] bool claim_holds(metric what, double claimed, double measured) noexcept;

/// The claims of a row in words, each with a verdict: "p50 40 us (holds), 3 GB/s (no)". "" without
/// claims.
[[nodiscard]] std::string claims_text(const row_result& row);

/// "1.05 (1.02 to 1.09)"; "-" where it is not known.
[[nodiscard]] std::string ratio_text(const ratio_result& ratio);

/// The table itself: a heading, and one line of cells for each row. Shared by all renderings.
struct result_table {
    struct column {
        std::string heading;
        bool numeric = true;
    };
    struct line {
        const row_result* row = nullptr;  ///< Into the results it was made of.
        std::vector<std::string> cells;   ///< As many as columns, or none: `not_measured` instead.
    };
    std::vector<column> columns;  ///< The first is the subject.
    std::vector<line> lines;
};
[[nodiscard]] result_table table_of(const experiment_result& of);

}  // namespace ringway::lab
