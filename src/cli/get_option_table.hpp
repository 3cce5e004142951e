// The options of `ringway get`: one row each, for parsing, --help and the man page.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_page.hpp"
#include "cli/get_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what readers are told, and what its value does.
struct get_option {
    option_text text;
    parsed<void> (*apply)(get_options& to, std::string_view value);
};

/// All options but --help, in the order of the help text. Static.
[[nodiscard]] std::span<const get_option> get_option_table();

}  // namespace ringway::cli
