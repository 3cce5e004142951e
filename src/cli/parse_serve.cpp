#include "cli/parse_serve.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <vector>

#include "cli/listeners.hpp"
#include "cli/pages.hpp"
#include "cli/serve_option_table.hpp"
#include "cli/served_directory.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

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

std::optional<reply> apply_all(const split_arguments& from, const environment& variables,
                               serve_options& to) {
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
    std::size_t header_bytes = options.site.cache_control.size();
    for (const auto& [name, value] : options.site.extra_headers) {
        header_bytes += name.size() + value.size();
    }
    if (header_bytes > files::site_options::header_bytes_max) {
        return usage_error(
            fmt::format("--header and --cache-control take {} bytes together, {} at most",
                        header_bytes, files::site_options::header_bytes_max));
    }
    if (options.guard.interface.empty() && options.guard != serve_guard_options{}) {
        return usage_error("--guard-rate, --guard-block and the others need --guard IFACE");
    }
    return check_listeners(options);
}

// Lists replace their defaults instead of growing them.
std::variant<serve_options, reply> to_options(const split_arguments& from,
                                              const environment& variables) {
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
    if (!from.operands.empty()) {
        options.directory = from.operands.front();
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
    auto split = split_by("serve", texts_of(serve_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    const auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(serve_page())};
    }
    if (from.operands.size() > 1) {
        return usage_error(fmt::format("one directory can be served, not both {} and {}",
                                       from.operands[0], from.operands[1]));
    }
    return to_options(from, variables);
}

std::string variable_of(std::string_view option) {
    std::string name = "RINGWAY_";
    for (const char c : option) {
        const bool is_letter = c >= 'a' && c <= 'z';
        name += c == '-' ? '_' : is_letter ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

}  // namespace ringway::cli
