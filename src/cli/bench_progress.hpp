// What is being done, on standard error.
#pragma once

#include <string>
#include <string_view>

namespace ringway::cli {

/// Prints a line; on a terminal it takes the place of the one before.
void print_progress(std::string_view line);

/// Clears the last line of a terminal.
void end_progress();

/// This program's own file, to be run as a part of an experiment.
[[nodiscard]] std::string own_path();

}  // namespace ringway::cli
