// The pages of the sub-commands.
#pragma once

#include <string_view>

#include "cli/command_page.hpp"

namespace ringway::cli {

/// The page of `ringway` itself, which lists the sub-commands.
[[nodiscard]] const command_page& main_page();

[[nodiscard]] const command_page& serve_page();
[[nodiscard]] const command_page& get_page();
[[nodiscard]] const command_page& cp_page();

[[nodiscard]] const command_page& bench_page();

/// The page of a sub-command; null if there is none of that name.
[[nodiscard]] const command_page* page_of(std::string_view command);

}  // namespace ringway::cli
