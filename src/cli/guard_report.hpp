// What a guard answers, as text for people.
#pragma once

#include <string>
#include <string_view>

#include "cli/guard_options.hpp"

namespace ringway::cli {

/// The request that a command sends: JSON in one line. Files become absolute paths.
[[nodiscard]] std::string guard_request(const guard_command& command);

/// What to print, and whether it is what was asked for.
struct guard_report {
    std::string text;
    bool ok = false;
};

/// Reads the answer to `command`.
[[nodiscard]] guard_report report_of(const guard_command& command, std::string_view answer);

}  // namespace ringway::cli
