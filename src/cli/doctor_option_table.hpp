// The options of `ringway doctor`: parsing, --help and the man page come from this table.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_page.hpp"
#include "cli/doctor_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what to tell about it, and what its value does.
struct doctor_option {
    option_text text;
    parsed<void> (*apply)(doctor_options& to, std::string_view value);
};

[[nodiscard]] std::span<const doctor_option> doctor_option_table();

}  // namespace ringway::cli
