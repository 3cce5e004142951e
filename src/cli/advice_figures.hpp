// Figures from the results of `ringway bench`, for the rules of `ringway doctor advise`.
#pragma once

#include <optional>
#include <string>

#include "cli/advice.hpp"
#include "lab/results_json.hpp"

namespace ringway::cli {

/// A figure, with what it takes to see it again.
struct advice_figure {
    std::string text;        ///< "64 connections: ringway serve 12,300/s, nginx 9,100/s (1.35 x)"
    std::string command;     ///< "ringway bench serve 4k"
    std::string conditions;  ///< When, and on which kernel and processor.
};

/// What `run` has of it, in the test whose number of connections is nearest to `clients`. Nothing
/// where it was not measured.
[[nodiscard]] std::optional<advice_figure> figure_of(const evidence& wanted, double clients,
                                                     const lab::bench_run_record& run);

/// Where results are looked for without --results: $XDG_STATE_HOME/ringway/bench.json.
[[nodiscard]] std::string default_results_path();

}  // namespace ringway::cli
