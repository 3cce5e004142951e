// What is done with results: writing, comparing and rendering them.
#pragma once

#include <string>

#include "cli/bench_options.hpp"
#include "lab/results_json.hpp"

namespace ringway::cli {

/// Writes the files that the options name. False if one can't be written.
[[nodiscard]] bool write_results(const lab::bench_run_record& record, const bench_options& options);

/// Writes the file for JSON if the options name one: what has been found so far.
void write_json(const lab::bench_run_record& record, const bench_options& options);

/// Why results can't be written or files can't be made where the options say, before anything is
/// measured; "" if they can.
[[nodiscard]] std::string wrong_places(const bench_options& options);

/// `bench compare`: prints what changed between options.files[0] and [1]. The exit status: 0 when
/// nothing is worse, 1 when something is, 2 when they can't be compared.
[[nodiscard]] int compare_results(const bench_options& options);

/// `bench render`: writes the files that the options name, or prints the tables. The exit status.
[[nodiscard]] int render_results(const bench_options& options);

}  // namespace ringway::cli
