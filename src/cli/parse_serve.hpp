// From the arguments of `ringway serve` to its options.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "cli/reply.hpp"
#include "cli/serve_options.hpp"

namespace ringway::cli {

/// Environment variables by name.
using environment = std::map<std::string, std::string, std::less<>>;

/// What stands behind `ringway serve`. Options win over variables RINGWAY_NAME, those over the
/// defaults; an empty variable counts as none. Looks whether the directory can be served.
[[nodiscard]] std::variant<serve_options, reply> parse_serve(
    std::span<const std::string_view> arguments, const environment& variables);

/// The variable that stands for an option: RINGWAY_IDLE_TIMEOUT for "idle-timeout".
[[nodiscard]] std::string variable_of(std::string_view option);

}  // namespace ringway::cli
