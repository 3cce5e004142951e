// The part of `ringway bench` that measures in interleaved rounds.
#pragma once

#include <string>

#include "cli/bench_options.hpp"
#include "cli/bench_tables.hpp"
#include "lab/results_json.hpp"

namespace ringway::cli {

/// Why the chosen cores can't be used, with those that can; "" if they can.
[[nodiscard]] std::string wrong_cores(const bench_options& options);

/// A record of this machine and these settings, without results.
[[nodiscard]] lab::bench_run_record begin_record(const bench_options& options);

/// Runs the wanted experiments of `table`, prints their tables and adds them to `record`. SIGINT
/// and SIGTERM end it after the measurement under way, whose children are killed; what was measured
/// until then is kept. False if one could not be run.
[[nodiscard]] bool run_measured_table(const bench_table& table, const bench_options& options,
                                      lab::bench_run_record& record);

/// Whether one of those signals has come.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace ringway::cli
