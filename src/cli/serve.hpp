// `ringway serve`.
#pragma once

#include "cli/serve_options.hpp"

namespace ringway::cli {

/// Serves until a signal ends it. Returns the exit status of the process: 0 after a clean end, 2
/// when an option, a port or the directory is at fault (one line on standard error says which), 1
/// when the event loop failed.
int run_serve(const serve_options& options);

}  // namespace ringway::cli
