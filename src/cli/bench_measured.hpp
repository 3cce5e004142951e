// The part of `ringway bench` that measures in interleaved rounds.
#pragma once

#include <string>
#include <vector>

#include "cli/bench_apart.hpp"
#include "cli/bench_options.hpp"
#include "cli/bench_tables.hpp"
#include "lab/results_json.hpp"

namespace ringway::cli {

/// Why the chosen cores can't be used, with those that can; "" if they can.
[[nodiscard]] std::string wrong_cores(const bench_options& options);

/// A record of this machine and these settings, without results.
[[nodiscard]] lab::bench_run_record begin_record(const bench_options& options);

/// Runs the experiments of `table` called `names`, prints the table of each and tells one record
/// for each, in the order of the table: with its result, or why there is none. SIGINT and SIGTERM
/// end it after the measurement under way, whose children are killed; what was measured until then
/// is told, and of the experiments behind it nothing.
///
/// For a child (`run_apart`): signals and the network of this process change.
void run_measured_table(const bench_table& table, const std::vector<std::string>& names,
                        const bench_options& options, const result_sink& tell);

}  // namespace ringway::cli
