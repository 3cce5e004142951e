// From the arguments of `ringway top` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/command_page.hpp"
#include "cli/reply.hpp"
#include "cli/top_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what to tell about it, and what its value does.
struct top_option {
    option_text text;
    parsed<void> (*apply)(top_options& to, std::string_view value);
};

[[nodiscard]] std::span<const top_option> top_option_table();

/// What stands behind `ringway top`.
[[nodiscard]] std::variant<top_options, reply> parse_top(
    std::span<const std::string_view> arguments);

}  // namespace ringway::cli
