// The options of `ringway serve`: one row each, for parsing, --help and the man page.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_page.hpp"
#include "cli/serve_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what readers are told, and what its value does.
struct serve_option {
    option_text text;
    /// Puts the value into the options; lists grow. A flag gets "true" or "false".
    parsed<void> (*apply)(serve_options& to, std::string_view value);
};

/// All options but --help, in the order of the help text. Static.
[[nodiscard]] std::span<const serve_option> serve_option_table();

}  // namespace ringway::cli
