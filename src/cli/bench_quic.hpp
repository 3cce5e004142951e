// The part of `ringway bench` that measures over an impaired path.
#pragma once

#include <vector>

#include "cli/bench_options.hpp"
#include "cli/bench_tables.hpp"
#include "lab/report.hpp"

namespace ringway::cli {

/// Runs the wanted experiments of `table` and prints what they found; `found` gets their reports.
/// False if one could not be run. The calling process must have no other threads yet.
[[nodiscard]] bool run_quic_table(const bench_table& table, const bench_options& options,
                                  std::vector<lab::report>& found);

}  // namespace ringway::cli
