// Looks at this machine: every feature that Ringway uses and that tutorials compare, by trying it.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include <ringway/probe/finding.hpp>

namespace ringway::probe {

struct examine_options {
    /// Bind an AF_XDP socket to `interface`, a real one: its traffic of queue 0 may stop meanwhile.
    /// Without it trials happen on interfaces of a network namespace that goes away.
    bool try_interface = false;
    /// Ends the trials; those that had no time left are `unknown`. A single one that takes longer
    /// than a fifth of it is ended too.
    std::chrono::milliseconds time{2500};
    std::string interface = {};  ///< Only this one's rows; "": those of all.
};

/// Tries everything, in child processes, within about `time`; needs no root, and tells what root
/// would add. Leaves nothing behind: files without names, sockets without peers, namespaces that
/// end with their process. What kills or hangs a trial makes its row `unknown`. The calling process
/// must have no other threads, as it forks. Rows are in the order of topics. Rows of
/// `topic::serving` are not made here: which driver runs is the runtime's decision.
[[nodiscard]] std::vector<finding> examine(const examine_options& options = {});

/// The rows of `topic::technologies`, put together from the others. Pure.
[[nodiscard]] std::vector<finding> technologies_of(std::span<const finding> all);

}  // namespace ringway::probe
