// Experiments in a process of their own: what crashes ends alone, and what was found before it is
// kept.
#pragma once

#include <functional>
#include <string>

#include "lab/results_json.hpp"

namespace ringway::cli {

/// Takes what was found, piece by piece.
using result_sink = std::function<void(const lab::bench_run_record&)>;

/// Runs `work` in a child process. Each record that the child hands to its sink goes to `take` in
/// this one, at once and in the same order; output of both goes to the same places.
///
/// Yields "" when `work` has returned, else what became of the child: "it was ended by signal 11
/// (Segmentation fault)". A signal to this process that `interrupted` knows of is handed on to the
/// child. The child dies with this process, however that ends. The calling process must have no
/// other threads.
[[nodiscard]] std::string run_apart(const std::function<void(const result_sink&)>& work,
                                    const result_sink& take);

}  // namespace ringway::cli
