// Which programs and libraries of others figures come from.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ringway::lab {

/// Where a program is: in PATH, or in the directories of system programs, which a user's PATH may
/// lack; "" if it is nowhere.
[[nodiscard]] std::string find_program(std::string_view name);

/// The version in what a program says of itself: "1.22.1" of "nginx version: nginx/1.22.1". "" if
/// there is none.
[[nodiscard]] std::string version_in(std::string_view text);

/// Name and version of each program that experiments compare with and that is installed here. Runs
/// them, some milliseconds each; "unknown" for one that does not tell.
[[nodiscard]] nlohmann::ordered_json program_versions();

/// Name and version of each library that moves bytes or speaks a protocol, as loaded now.
[[nodiscard]] nlohmann::ordered_json library_versions();

}  // namespace ringway::lab
