// From the arguments of `ringway guard` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/command_page.hpp"
#include "cli/guard_options.hpp"
#include "cli/reply.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// One option: what to tell about it, and what its value does.
struct guard_option {
    option_text text;
    parsed<void> (*apply)(guard_command& to, std::string_view value);
};

/// Parsing, --help and the man page come from this table.
[[nodiscard]] std::span<const guard_option> guard_option_table();

/// What stands behind `ringway guard`.
[[nodiscard]] std::variant<guard_command, reply> parse_guard(
    std::span<const std::string_view> arguments);

/// Reads "1000" or "1000/200": packets a second, and at once. Without the second number that is a
/// tenth of the first, 20 at least. "off" is none.
[[nodiscard]] parsed<guard::rate> parse_rate(std::string_view text);

/// Reads "tcp/22", "udp/5000-5100", several with commas.
[[nodiscard]] parsed<std::vector<guard::port_range>> parse_ports(std::string_view text);

}  // namespace ringway::cli
