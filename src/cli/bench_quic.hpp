// The part of `ringway bench` that measures over an impaired path.
#pragma once

#include <string>
#include <vector>

#include "cli/bench_apart.hpp"
#include "cli/bench_options.hpp"
#include "cli/bench_tables.hpp"

namespace ringway::cli {

/// Runs the experiments of `table` called `names`, prints what they found and tells one record for
/// each, in the order of the table: with its report, or why there is none.
///
/// For a child (`run_apart`), which has no other threads yet. Signals end it at once.
void run_quic_table(const bench_table& table, const std::vector<std::string>& names,
                    const bench_options& options, const result_sink& tell);

}  // namespace ringway::cli
