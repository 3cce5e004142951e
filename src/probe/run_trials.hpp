// Runs trials in child processes: what kills or hangs one of them is a finding, not our end.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include <ringway/probe/finding.hpp>

#include "probe/trial.hpp"

namespace ringway::probe {

struct trial_limits {
    std::chrono::milliseconds each{500};
    std::chrono::milliseconds all{1500};  ///< Of one table.
};

/// One finding for each trial, in their order. The calling process must have no other threads, as
/// it forks. A trial whose process is killed, or that takes too long, is `unknown`, or `no` where a
/// seccomp filter kills whoever tries; the rest goes on in a new process.
[[nodiscard]] std::vector<finding> run_trials(std::span<const trial> trials,
                                              const trial_limits& limits = {});

/// Calls `what` in a child of the calling process and yields what it does, 0 to 120; -1 if that
/// could not be started or was killed. For what can't be undone: filters, namespaces.
[[nodiscard]] int run_in_child(int (*what)());

}  // namespace ringway::probe
