// From the arguments of `ringway xdp` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/reply.hpp"
#include "cli/xdp_options.hpp"

namespace ringway::cli {

/// What stands behind `ringway xdp`.
[[nodiscard]] std::variant<xdp_options, reply> parse_xdp(
    std::span<const std::string_view> arguments);

}  // namespace ringway::cli
