// `ringway get`: from its options to an exit status.
#pragma once

#include "cli/get_options.hpp"

namespace ringway::cli {

/// Fetches, or puts load on a server, and yields the exit status. Takes SIGINT and SIGTERM.
[[nodiscard]] int run_get(const get_options& options);

}  // namespace ringway::cli
