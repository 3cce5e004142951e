// `ringway cp`: from its options to an exit status.
#pragma once

#include "cli/cp_options.hpp"

namespace ringway::cli {

/// Copies, and yields the exit status. Takes SIGINT and SIGTERM.
[[nodiscard]] int run_cp(const cp_options& options);

}  // namespace ringway::cli
