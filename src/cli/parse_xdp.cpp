#include "cli/parse_xdp.hpp"

#include <cstddef>
#include <fmt/core.h>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/command_page.hpp"
#include "cli/options_of_xdp.hpp"
#include "cli/pages.hpp"
#include "cli/reply.hpp"
#include "cli/split_arguments.hpp"
#include "cli/xdp_options.hpp"

namespace ringway::cli {
namespace {

bool sends(xdp_verb verb) { return verb == xdp_verb::gen || verb == xdp_verb::ping; }

// VERB INTERFACE [INTERFACE] [EXPRESSION...]
std::optional<reply> read_operands(const std::vector<std::string>& given, xdp_options& to) {
    const std::size_t interfaces = to.verb == xdp_verb::forward ? 2 : 1;
    if (given.size() < 1 + interfaces && to.verb != xdp_verb::status) {
        return usage_error(
            fmt::format("on which interface? ringway xdp {0} INTERFACE{1} "
                        "(ringway xdp status lists them)",
                        name_of(to.verb), interfaces == 2 ? " INTERFACE" : ""));
    }
    if (given.size() > 1) {
        to.interface = given[1];
    }
    if (interfaces == 2) {
        to.second = given[2];
        if (to.second == to.interface) {
            return usage_error("forward goes between two different interfaces");
        }
    }
    for (std::size_t i = 1 + interfaces; i < given.size(); ++i) {
        to.expression += (to.expression.empty() ? "" : " ") + given[i];
    }
    if (!to.expression.empty() &&
        (sends(to.verb) || to.verb == xdp_verb::respond || to.verb == xdp_verb::status)) {
        return usage_error(
            fmt::format("{} takes no expression: \"{}\"", name_of(to.verb), to.expression));
    }
    return std::nullopt;
}

bool is_given(const split_arguments& from, std::string_view name) {
    const auto rows = xdp_option_table();
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        if (rows[i].text.name == name) {
            return !from.values[i].empty();
        }
    }
    return false;
}

std::optional<reply> apply_all(const split_arguments& from, xdp_options& to) {
    if (is_given(from, "copy") && is_given(from, "zero-copy")) {
        return usage_error("--copy and --zero-copy exclude each other");
    }
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = xdp_option_table()[i];
        if (from.values[i].empty()) {
            continue;
        }
        if (row.verbs != 0 && (row.verbs & bit_of(to.verb)) == 0) {
            return usage_error(fmt::format("--{} means nothing to ringway xdp {}", row.text.name,
                                           name_of(to.verb)));
        }
        for (const std::string& value : from.values[i]) {
            if (const auto applied = row.apply(to, value); !applied) {
                return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
            }
        }
    }
    return std::nullopt;
}

}  // namespace

std::variant<xdp_options, reply> parse_xdp(std::span<const std::string_view> arguments) {
    auto split = split_by("xdp", texts_of(xdp_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    const auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(xdp_page())};
    }
    if (from.operands.empty()) {
        return usage_error(
            "do what? ringway xdp drop, pass, reflect, respond, forward, gen, ping, "
            "capture or status (ringway xdp --help tells more)");
    }
    const auto verb = parse_xdp_verb(from.operands.front());
    if (!verb) {
        return usage_error(fmt::format("xdp: {}", verb.error()));
    }
    xdp_options options;
    options.verb = *verb;
    if (*verb == xdp_verb::ping) {
        options.interval = {};
        options.count = 10'000;
    }
    if (auto wrong = apply_all(from, options)) {
        return *std::move(wrong);
    }
    if (auto wrong = read_operands(from.operands, options)) {
        return *std::move(wrong);
    }
    if (sends(*verb) && options.to.empty()) {
        return usage_error(fmt::format("where to? ringway xdp {} {} --to 192.0.2.1:7",
                                       name_of(*verb), options.interface));
    }
    return options;
}

}  // namespace ringway::cli
