#include "cli/split_arguments.hpp"

#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <algorithm>
#include <fmt/core.h>
#include <optional>

#include "cli/nearest.hpp"

namespace ringway::cli {
namespace {

using option_table = std::span<const option_text>;

const option_text* find_option(option_table table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &option_text::name);
    return found == table.end() ? nullptr : &*found;
}

reply value_missing(const option_text& row) {
    return usage_error(fmt::format("--{} needs a value: --{} {}", row.name, row.name, row.value));
}

// CLI11 reads "--name=" as "--name", and an option behind "--name" as its value. Nobody means that.
std::optional<reply> check_values_follow(option_table table,
                                         std::span<const std::string_view> arguments) {
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        const auto argument = arguments[i];
        if (!argument.starts_with("--")) {
            continue;
        }
        const auto equals = argument.find('=');
        const auto* const row = find_option(table, argument.substr(2, equals - 2));
        if (row == nullptr || row->form == option_form::flag ||
            (row->form == option_form::optional_value && equals == std::string_view::npos)) {
            continue;
        }
        const bool attached = equals != std::string_view::npos && equals + 1 < argument.size();
        const bool follows = equals == std::string_view::npos && i + 1 < arguments.size() &&
                             !arguments[i + 1].starts_with("--");
        if (!attached && !follows) {
            return value_missing(*row);
        }
    }
    return std::nullopt;
}

// CLI11 wants them last one first; an option alone that may be stands for what it implies.
std::vector<std::string> reversed(option_table table, std::span<const std::string_view> arguments) {
    std::vector<std::string> out;
    bool options_end = false;
    for (const auto argument : arguments) {
        options_end = options_end || argument == "--";
        out.emplace_back(argument);
        const auto* const row = options_end || !argument.starts_with("--")
                                    ? nullptr
                                    : find_option(table, argument.substr(2));
        if (row != nullptr && row->form == option_form::optional_value) {
            out.back() += fmt::format("={}", row->implied);
        }
    }
    std::ranges::reverse(out);
    return out;
}

reply unknown_option(std::string_view command, option_table table, std::string_view argument) {
    const auto name = argument.substr(0, argument.find('='));
    std::vector<std::string> known{"--help"};
    for (const auto& row : table) {
        known.push_back(fmt::format("--{}", row.name));
    }
    const std::vector<std::string_view> names{known.begin(), known.end()};
    return usage_error(fmt::format("{} has no option {}{} (ringway {} --help lists them)", command,
                                   name, suggestion(name, names), command));
}

// CLI11 does the splitting; it throws what it does not like. Yields what it does not know.
std::vector<std::string> split(option_table table, std::span<const std::string_view> arguments,
                               split_arguments& out) {
    out.values.resize(table.size());
    CLI::App app;
    app.allow_extras();
    app.set_help_flag();
    app.add_flag("-h,--help", out.help);
    app.add_option("OPERANDS", out.operands);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto& row = table[i];
        const auto names = row.letter == '\0' ? fmt::format("--{}", row.name)
                                              : fmt::format("-{},--{}", row.letter, row.name);
        if (row.form == option_form::flag) {
            app.add_flag(names, out.values[i]);
        } else {
            app.add_option(names, out.values[i])->allow_extra_args(false);
        }
    }
    app.parse(reversed(table, arguments));
    return app.remaining();
}

}  // namespace

std::variant<split_arguments, reply> split_by(std::string_view name, option_table table,
                                              std::span<const std::string_view> arguments) {
    if (auto wrong = check_values_follow(table, arguments)) {
        return *std::move(wrong);
    }
    split_arguments out;
    std::vector<std::string> unknown;
    try {
        unknown = split(table, arguments, out);
    } catch (const CLI::Error& failure) {
        return usage_error(failure.what());
    }
    // What a shell's variable that is not set leaves behind.
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (std::ranges::find(out.values[i], "") != out.values[i].end()) {
            return value_missing(table[i]);
        }
    }
    for (const auto& argument : unknown) {
        if (!out.help && argument.starts_with('-') && argument != "--") {
            return unknown_option(name, table, argument);
        }
    }
    return out;
}

}  // namespace ringway::cli
