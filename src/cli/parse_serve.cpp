#include "cli/parse_serve.hpp"

#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <vector>

#include "cli/listeners.hpp"
#include "cli/nearest.hpp"
#include "cli/pages.hpp"
#include "cli/serve_option_table.hpp"
#include "cli/served_directory.hpp"

namespace ringway::cli {
namespace {

// What was given, as text: the values of each option, in the order of the table.
struct given {
    std::vector<std::vector<std::string>> values;
    std::vector<std::string> directories;
    std::vector<std::string> unknown;
    bool help = false;
};

const serve_option* find_option(std::string_view name) {
    const auto table = serve_option_table();
    const auto found = std::ranges::find_if(
        table, [name](const serve_option& row) { return row.text.name == name; });
    return found == table.end() ? nullptr : &*found;
}

reply value_missing(const serve_option& row) {
    return usage_error(
        fmt::format("--{} needs a value: --{} {}", row.text.name, row.text.name, row.text.value));
}

// CLI11 reads "--name=" as "--name", and an option behind "--name" as its value. Nobody means that.
std::optional<reply> check_values_follow(std::span<const std::string_view> arguments) {
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        const auto argument = arguments[i];
        if (!argument.starts_with("--")) {
            continue;
        }
        const auto equals = argument.find('=');
        const auto* const row = find_option(argument.substr(2, equals - 2));
        if (row == nullptr || row->text.form == option_form::flag ||
            (row->text.form == option_form::optional_value && equals == std::string_view::npos)) {
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
std::vector<std::string> reversed(std::span<const std::string_view> arguments) {
    std::vector<std::string> out;
    bool options_end = false;
    for (const auto argument : arguments) {
        options_end = options_end || argument == "--";
        out.emplace_back(argument);
        const auto* const row =
            options_end || !argument.starts_with("--") ? nullptr : find_option(argument.substr(2));
        if (row != nullptr && row->text.form == option_form::optional_value) {
            out.back() += fmt::format("={}", row->text.implied);
        }
    }
    std::ranges::reverse(out);
    return out;
}

// CLI11 does the splitting; it throws what it does not like.
given split(std::span<const std::string_view> arguments) {
    const auto table = serve_option_table();
    given out;
    out.values.resize(table.size());
    CLI::App app;
    app.allow_extras();
    app.set_help_flag();
    app.add_flag("-h,--help", out.help);
    app.add_option("DIR", out.directories);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto& row = table[i].text;
        const auto names = row.letter == '\0' ? fmt::format("--{}", row.name)
                                              : fmt::format("-{},--{}", row.letter, row.name);
        if (row.form == option_form::flag) {
            app.add_flag(names, out.values[i]);
        } else {
            app.add_option(names, out.values[i])->allow_extra_args(false);
        }
    }
    app.parse(reversed(arguments));
    out.unknown = app.remaining();
    return out;
}

reply unknown_option(std::string_view argument) {
    const auto name = argument.substr(0, argument.find('='));
    std::vector<std::string> known{"--help"};
    for (const auto& row : serve_option_table()) {
        known.push_back(fmt::format("--{}", row.text.name));
    }
    const std::vector<std::string_view> names{known.begin(), known.end()};
    return usage_error(fmt::format("serve has no option {}{} (ringway serve --help lists them)",
                                   name, suggestion(name, names)));
}

// Gives an option its values; `source` is what to blame when they are wrong.
std::optional<reply> apply(const serve_option& row, std::span<const std::string> values,
                           std::string_view source, serve_options& to) {
    if (row.text.form != option_form::list) {
        values = values.last(1);
    }
    for (const auto& value : values) {
        if (const auto applied = row.apply(to, value); !applied) {
            return usage_error(fmt::format("{}: {}", source, applied.error()));
        }
    }
    return std::nullopt;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (!line.empty()) {
            lines.emplace_back(line);
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return lines;
}

std::optional<reply> apply_all(const given& from, const environment& variables, serve_options& to) {
    const auto table = serve_option_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto& row = table[i];
        auto values = from.values[i];
        auto source = fmt::format("--{}", row.text.name);
        if (values.empty()) {
            source = variable_of(row.text.name);
            if (const auto found = variables.find(source); found != variables.end()) {
                values = lines_of(found->second);
            }
        }
        if (values.empty()) {
            continue;
        }
        if (auto wrong = apply(row, values, source, to)) {
            return wrong;
        }
    }
    return std::nullopt;
}

std::optional<reply> check_together(const serve_options& options) {
    if (options.max_target > options.max_header_bytes) {
        return usage_error("--max-target must not be greater than --max-header-bytes");
    }
    return check_listeners(options);
}

// Lists replace their defaults instead of growing them.
std::variant<serve_options, reply> to_options(const given& from, const environment& variables) {
    const serve_options defaults;
    serve_options options;
    options.listen.clear();
    options.site.index_names.clear();
    if (auto wrong = apply_all(from, variables, options)) {
        return *std::move(wrong);
    }
    if (options.listen.empty()) {
        options.listen =
            options.tls.wanted() ? std::vector<std::string>{default_tls_listen} : defaults.listen;
    }
    if (options.site.index_names.empty()) {
        options.site.index_names = defaults.site.index_names;
    }
    if (!from.directories.empty()) {
        options.directory = from.directories.front();
    }
    if (auto wrong = check_together(options)) {
        return *std::move(wrong);
    }
    if (auto wrong = check_served_directory(options.directory)) {
        return *std::move(wrong);
    }
    return options;
}

}  // namespace

std::variant<serve_options, reply> parse_serve(std::span<const std::string_view> arguments,
                                               const environment& variables) {
    if (auto wrong = check_values_follow(arguments)) {
        return *std::move(wrong);
    }
    given from;
    try {
        from = split(arguments);
    } catch (const CLI::Error& failure) {
        return usage_error(failure.what());
    }
    if (from.help) {
        return reply{.text = render_help(serve_page())};
    }
    for (const auto& argument : from.unknown) {
        if (argument.starts_with('-') && argument != "--") {
            return unknown_option(argument);
        }
    }
    if (from.directories.size() > 1) {
        return usage_error(fmt::format("one directory can be served, not both {} and {}",
                                       from.directories[0], from.directories[1]));
    }
    return to_options(from, variables);
}

std::string variable_of(std::string_view option) {
    std::string name = "RINGWAY_";
    for (const char c : option) {
        name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    }
    return name;
}

}  // namespace ringway::cli
