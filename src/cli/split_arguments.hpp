// Splitting the arguments of a sub-command by a table of its options.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/command_page.hpp"
#include "cli/reply.hpp"

namespace ringway::cli {

/// What was given, as text.
struct split_arguments {
    std::vector<std::vector<std::string>> values;  ///< Of each option, in the order of the table.
    std::vector<std::string> operands;
    bool help = false;
};

/// Splits what stands behind the sub-command `name`. A value follows its option, or an equals sign;
/// flags have the value "true". An empty value is a usage error; so is what is no option of the
/// table, and the nearest one is named.
[[nodiscard]] std::variant<split_arguments, reply> split_by(
    std::string_view name, std::span<const option_text> table,
    std::span<const std::string_view> arguments);

}  // namespace ringway::cli
