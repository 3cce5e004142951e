// From the arguments of `ringway cp` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/cp_options.hpp"
#include "cli/reply.hpp"

namespace ringway::cli {

/// What stands behind `ringway cp`.
[[nodiscard]] std::variant<cp_options, reply> parse_cp(std::span<const std::string_view> arguments);

}  // namespace ringway::cli
