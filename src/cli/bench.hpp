// `ringway bench`: runs experiments and prints what they found.
#pragma once

#include "cli/bench_options.hpp"

namespace ringway::cli {

/// Runs the experiments one after the other, each table in a process of its own: one that can't be
/// run, or ends it, does not keep the others from running. Results go to standard output and, as
/// soon as they are there, to the file for JSON; progress and failures to standard error. Yields
/// the exit status: 1 if an experiment could not be run, 130 if SIGINT or SIGTERM has ended it. The
/// calling process must have no other threads yet.
[[nodiscard]] int run_bench(const bench_options& options);

}  // namespace ringway::cli
