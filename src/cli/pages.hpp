// The pages of the sub-commands.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command_page.hpp"

namespace ringway::cli {

/// The options of a page: those of a command's table, and --help.
template <class Table>
[[nodiscard]] std::vector<option_text> options_of(const Table& table) {
    std::vector<option_text> all = texts_of(table);
    all.push_back({.group = "Help",
                   .name = "help",
                   .letter = 'h',
                   .form = option_form::flag,
                   .help = "Print this."});
    return all;
}

/// The page of `ringway` itself, which lists the sub-commands.
[[nodiscard]] const command_page& main_page();

[[nodiscard]] const command_page& serve_page();
[[nodiscard]] const command_page& get_page();
[[nodiscard]] const command_page& cp_page();

[[nodiscard]] const command_page& bench_page();
[[nodiscard]] const command_page& guard_page();
[[nodiscard]] const command_page& doctor_page();
[[nodiscard]] const command_page& top_page();
[[nodiscard]] const command_page& xdp_page();

/// The page of a sub-command; null if there is none of that name.
[[nodiscard]] const command_page* page_of(std::string_view command);

}  // namespace ringway::cli
