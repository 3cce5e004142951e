// The options of `ringway xdp`: parsing, --help and the man page come from this table.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_page.hpp"
#include "cli/value_parsers.hpp"
#include "cli/xdp_options.hpp"

namespace ringway::cli {

/// One option: what to tell about it, what its value does, and for which verbs it is (a bit each;
/// 0: all).
struct xdp_option {
    option_text text;
    parsed<void> (*apply)(xdp_options& to, std::string_view value);
    unsigned verbs = 0;
};

[[nodiscard]] std::span<const xdp_option> xdp_option_table();

/// The word for a verb, and its verb.
[[nodiscard]] std::string_view name_of(xdp_verb verb) noexcept;
[[nodiscard]] parsed<xdp_verb> parse_xdp_verb(std::string_view word);

[[nodiscard]] constexpr unsigned bit_of(xdp_verb verb) noexcept {
    return 1U << static_cast<unsigned>(verb);
}

}  // namespace ringway::cli
