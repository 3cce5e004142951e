// The options of `ringway bench`: one row each, for parsing, --help and the man page.
#pragma once

#include <span>
#include <string_view>

#include "cli/bench_options.hpp"
#include "cli/command_page.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what readers are told, and what its value does.
struct bench_option {
    option_text text;
    parsed<void> (*apply)(bench_options& to, std::string_view value);
};

/// All options but --help, in the order of the help text. Static.
[[nodiscard]] std::span<const bench_option> bench_option_table();

}  // namespace ringway::cli
