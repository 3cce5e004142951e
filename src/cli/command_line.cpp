#include "cli/command_line.hpp"

#include <array>
#include <filesystem>
#include <fmt/core.h>

#include "cli/nearest.hpp"
#include "cli/pages.hpp"
#include "cli/parse_bench.hpp"
#include "cli/parse_cp.hpp"
#include "cli/parse_doctor.hpp"
#include "cli/parse_get.hpp"
#include "cli/parse_guard.hpp"
#include "cli/parse_top.hpp"
#include "cli/parse_xdp.hpp"
#include "cli/serve_option_table.hpp"
#include "cli/version.hpp"

namespace ringway::cli {
namespace {

constexpr std::array<std::string_view, 9> commands{"serve", "get",   "cp",  "bench", "doctor",
                                                   "xdp",   "guard", "top", "help"};
constexpr std::array<std::string_view, 4> own_options{"--help", "-h", "--version", "-V"};

reply unknown_command(std::string_view name) {
    std::error_code ignored;
    if (name.starts_with("http://") || name.starts_with("https://")) {
        return usage_error(fmt::format("to fetch that: ringway get {}", name));
    }
    if (std::filesystem::is_directory(name, ignored)) {
        return usage_error(fmt::format(
            "there is no command {}; to serve that directory: ringway serve {}", name, name));
    }
    return usage_error(fmt::format("there is no command {}{} (ringway --help lists them)", name,
                                   suggestion(name, commands)));
}

reply unknown_option(std::string_view argument) {
    const auto name = argument.substr(0, argument.find('='));
    for (const auto& row : serve_option_table()) {
        const bool same_letter = row.text.letter != '\0' && name.size() == 2 && name[0] == '-' &&
                                 name[1] == row.text.letter;
        if (same_letter || name == fmt::format("--{}", row.text.name)) {
            return usage_error(
                fmt::format("{} belongs behind a command: ringway serve {}", name, name));
        }
    }
    return usage_error(fmt::format("there is no option {}{} (ringway --help lists them)", name,
                                   suggestion(name, own_options)));
}

// `ringway help [COMMAND]` and `ringway --man [COMMAND]`.
reply tell(std::span<const std::string_view> about, bool man) {
    const auto* const page = about.empty() ? &main_page() : page_of(about.front());
    if (page == nullptr) {
        return unknown_command(about.front());
    }
    return {.text = man ? render_man(*page, version_number()) : render_help(*page)};
}

// Each command's own kinds of outcome, among those of all commands.
template <class Read>
command as_command(Read read) {
    return std::visit([]<class One>(One&& one) -> command { return std::forward<One>(one); },
                      std::move(read));
}

}  // namespace

command parse_command_line(std::span<const std::string_view> arguments,
                           const environment& variables) {
    if (arguments.empty()) {
        return reply{render_help(main_page()), reply::usage_status};
    }
    const auto first = arguments.front();
    const auto rest = arguments.subspan(1);
    if (first == "serve") {
        return as_command(parse_serve(rest, variables));
    }
    if (first == "get") {
        return as_command(parse_get(rest));
    }
    if (first == "cp") {
        return as_command(parse_cp(rest));
    }
    if (first == "bench") {
        return as_command(parse_bench(rest));
    }
    if (first == "doctor") {
        return as_command(parse_doctor(rest));
    }
    if (first == "xdp") {
        return as_command(parse_xdp(rest));
    }
    if (first == "guard") {
        return as_command(parse_guard(rest));
    }
    if (first == "top") {
        return as_command(parse_top(rest));
    }
    if (const auto part = find_bench_part(first); part != bench_options::part::none) {
        return bench_options{.be = part, .part_arguments = {rest.begin(), rest.end()}};
    }
    if (first == "--version" || first == "-V") {
        return reply{.text = version_text()};
    }
    if (first == "help" || first == "--help" || first == "-h") {
        return tell(rest, false);
    }
    if (first == "--man") {
        return tell(rest, true);
    }
    return first.starts_with('-') ? unknown_option(first) : unknown_command(first);
}

}  // namespace ringway::cli
