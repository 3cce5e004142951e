// From the arguments of `ringway get` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/get_options.hpp"
#include "cli/reply.hpp"

namespace ringway::cli {

/// What stands behind `ringway get`.
[[nodiscard]] std::variant<get_options, reply> parse_get(
    std::span<const std::string_view> arguments);

}  // namespace ringway::cli
