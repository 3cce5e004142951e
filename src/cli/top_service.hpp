// `ringway top --prometheus`: metrics over HTTP.
#pragma once

#include "cli/top_options.hpp"
#include "monitor/collector.hpp"

namespace ringway::cli {

class flow_log;

/// Serves until a signal comes; yields the exit status.
[[nodiscard]] int run_service(const top_options& options, monitor::collector& source,
                              flow_log* flows);

}  // namespace ringway::cli
