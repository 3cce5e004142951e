// `ringway bench`: runs experiments and prints what they found.
#pragma once

#include "cli/bench_options.hpp"

namespace ringway::cli {

/// Runs the experiments one after the other. Results go to standard output, progress and failures
/// to standard error. Yields the exit status: 1 if an experiment could not be run. The calling
/// process must have no other threads yet.
[[nodiscard]] int run_bench(const bench_options& options);

}  // namespace ringway::cli
