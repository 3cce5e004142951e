// The terminal of `ringway top`.
#pragma once

#include "cli/top_options.hpp"
#include "cli/top_state.hpp"
#include "monitor/collector.hpp"

namespace ringway::cli {

class flow_log;

/// Shows until a key or a signal ends it; yields the exit status. The terminal gets back what it
/// had however this ends: by a key, by a signal, by an assertion or another crash.
[[nodiscard]] int run_screen(const top_options& options, top_state state,
                             monitor::collector& source, flow_log* flows);

}  // namespace ringway::cli
