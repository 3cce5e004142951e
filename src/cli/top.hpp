// `ringway top`: from its options to an exit status.
#pragma once

#include "cli/top_options.hpp"

namespace ringway::cli {

/// Watches the network of this machine until a key, a signal or --once ends it, and yields the exit
/// status. Takes SIGINT, SIGTERM and SIGHUP, and the terminal.
[[nodiscard]] int run_top(const top_options& options);

}  // namespace ringway::cli
