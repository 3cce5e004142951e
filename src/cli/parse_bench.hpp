// From the arguments of `ringway bench` to its options.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/bench_options.hpp"
#include "cli/reply.hpp"

namespace ringway::cli {

/// What stands behind `ringway bench`. With --list, and without a table, the reply is the list.
[[nodiscard]] std::variant<bench_options, reply> parse_bench(
    std::span<const std::string_view> arguments);

/// Not for people: the first arguments by which an experiment runs this program as a part of
/// itself. `none` for all others.
[[nodiscard]] bench_options::part find_bench_part(std::string_view first) noexcept;

}  // namespace ringway::cli
