// `ringway guard`: from its options to an exit status.
#pragma once

#include "cli/guard_options.hpp"

namespace ringway::cli {

/// Guards, or asks a guard, and yields the exit status. A build without BPF says that it has none.
[[nodiscard]] int run_guard(const guard_command& command);

}  // namespace ringway::cli
