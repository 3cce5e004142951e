// From the arguments of `ringway doctor` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/doctor_options.hpp"
#include "cli/reply.hpp"

namespace ringway::cli {

/// What stands behind `ringway doctor`.
[[nodiscard]] std::variant<doctor_options, reply> parse_doctor(
    std::span<const std::string_view> arguments);

}  // namespace ringway::cli
