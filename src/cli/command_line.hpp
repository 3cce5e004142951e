// The whole command line: which sub-command, and with what.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/bench_options.hpp"
#include "cli/cp_options.hpp"
#include "cli/doctor_options.hpp"
#include "cli/get_options.hpp"
#include "cli/guard_options.hpp"
#include "cli/parse_serve.hpp"
#include "cli/reply.hpp"
#include "cli/serve_options.hpp"
#include "cli/top_options.hpp"
#include "cli/xdp_options.hpp"

namespace ringway::cli {

/// What is to be done: serve, get, copy, measure, look at the machine or its network, or print
/// something and end.
using command = std::variant<serve_options, get_options, cp_options, bench_options, doctor_options,
                             xdp_options, guard_command, top_options, reply>;

/// Reads the arguments behind the program's name. Ends nothing and prints nothing itself.
[[nodiscard]] command parse_command_line(std::span<const std::string_view> arguments,
                                         const environment& variables);

}  // namespace ringway::cli
