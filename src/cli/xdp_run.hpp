// `ringway xdp`: from its options to an exit status.
#pragma once

#include "cli/xdp_options.hpp"

namespace ringway::cli {

/// Does it, and yields the exit status. Takes SIGINT and SIGTERM.
[[nodiscard]] int run_xdp(const xdp_options& options);

}  // namespace ringway::cli
