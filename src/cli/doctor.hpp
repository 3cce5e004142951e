// `ringway doctor`: tells what this machine can do, and advises.
#pragma once

#include "cli/doctor_options.hpp"

namespace ringway::cli {

/// Tries everything, prints it, and yields the exit status: 0 where `ringway serve` will run at
/// full strength, 1 where it will not. The calling process must have no other threads yet.
[[nodiscard]] int run_doctor(const doctor_options& options);

}  // namespace ringway::cli
