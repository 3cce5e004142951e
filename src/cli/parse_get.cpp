#include "cli/parse_get.hpp"

#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/get_option_table.hpp"
#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

std::optional<reply> apply(const get_option& row, std::span<const std::string> values,
                           get_options& to) {
    if (row.text.form != option_form::list && !values.empty()) {
        values = values.last(1);
    }
    for (const auto& value : values) {
        if (const auto applied = row.apply(to, value); !applied) {
            return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
        }
    }
    return std::nullopt;
}

// As much of an argument as a line of a message should hold.
std::string shortened(std::string_view text) {
    constexpr std::size_t most = 100;
    if (text.empty()) {
        return "\"\"";
    }
    return text.size() <= most ? std::string{text} : std::string{text.substr(0, most)} + "...";
}

std::optional<reply> read_urls(std::span<const std::string> operands, get_options& to) {
    if (operands.empty()) {
        return usage_error("get what? ringway get URL (ringway get --help tells more)");
    }
    for (const auto& operand : operands) {
        std::string_view reason;
        auto read = wire::parse_url(operand, &reason);
        if (!read) {
            return usage_error(fmt::format("{}: {}", shortened(operand), reason));
        }
        to.urls.push_back(*std::move(read));
    }
    return std::nullopt;
}

std::optional<reply> check_together(const get_options& options) {
    const bool to_file = !options.output.empty() && options.output != "-";
    if (to_file && options.urls.size() > 1) {
        return usage_error("several URLs can't all go to one --output FILE");
    }
    if (options.go_on && (options.output == "-" || options.range)) {
        return usage_error("--continue needs a whole file to go on with");
    }
    if (options.go_on && options.overwrite) {
        return usage_error("--continue and --overwrite contradict each other");
    }
    if (options.pieces > 1 && (options.output == "-" || options.range)) {
        return usage_error("--pieces needs a whole file to put them into");
    }
    if (options.compressed && (options.go_on || options.range || options.pieces > 1)) {
        return usage_error(
            "--compressed decodes a whole file; --continue, --range and --pieces "
            "need it as the server keeps it");
    }
    if (options.compressed && options.bench) {
        return usage_error(
            "--bench decodes nothing; -H 'Accept-Encoding: gzip' asks for it "
            "compressed all the same");
    }
    const bool is_h3 = options.version == http::client_version::http_3;
    if (!is_h3 && !options.migrate.empty()) {
        return usage_error("--migrate needs --http3");
    }
    if (!options.migrate.empty() && (options.head_only || options.bench)) {
        return usage_error("--migrate moves downloads; it does not go with --head or --bench");
    }
    if (options.early_data && !is_h3 && options.version != http::client_version::automatic) {
        return usage_error("--early-data is for HTTP/3, which another version rules out");
    }
    for (const wire::url& each : options.urls) {
        if (is_h3 && !each.secure) {
            return usage_error("HTTP/3 needs https: " + each.text());
        }
    }
    if (options.bench && options.urls.size() > 1) {
        for (const wire::url& each : options.urls) {
            if (each.origin() != options.urls.front().origin()) {
                return usage_error("--bench loads one server at a time");
            }
        }
    }
    return std::nullopt;
}

}  // namespace

std::variant<get_options, reply> parse_get(std::span<const std::string_view> arguments) {
    auto split = split_by("get", texts_of(get_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    const auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(get_page())};
    }
    get_options options;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        if (auto wrong = apply(get_option_table()[i], from.values[i], options)) {
            return *std::move(wrong);
        }
    }
    if (auto wrong = read_urls(from.operands, options)) {
        return *std::move(wrong);
    }
    if (auto wrong = check_together(options)) {
        return *std::move(wrong);
    }
    return options;
}

}  // namespace ringway::cli
