// The groups of experiments that are measured in interleaved rounds, each a table of `ringway
// bench`. A group is defined in a file of its own, NAME_experiments.cpp.
#pragma once

#include <span>

#include "lab/bench_plan.hpp"

namespace ringway::lab {

[[nodiscard]] std::span<const bench_experiment> net_experiments();
[[nodiscard]] std::span<const bench_experiment> files_experiments();
[[nodiscard]] std::span<const bench_experiment> latency_experiments();
[[nodiscard]] std::span<const bench_experiment> serve_experiments();
[[nodiscard]] std::span<const bench_experiment> cores_experiments();
[[nodiscard]] std::span<const bench_experiment> copy_experiments();

}  // namespace ringway::lab
