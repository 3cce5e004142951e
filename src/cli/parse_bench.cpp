#include "cli/parse_bench.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench_option_table.hpp"
#include "cli/bench_tables.hpp"
#include "cli/nearest.hpp"
#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

std::string list_of(const bench_table& table) {
    std::string text = fmt::format("{}: {}\n", table.name, table.summary);
    for (const auto& one : table.experiments()) {
        text += fmt::format("  {:<14}{}\n", one.name, one.summary);
    }
    return text;
}

std::string list_of_tables() {
    std::string text;
    for (const auto& table : bench_tables()) {
        text += list_of(table);
    }
    return text;
}

std::optional<reply> apply_values(const split_arguments& from, bench_options& to) {
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = bench_option_table()[i];
        if (from.values[i].empty()) {
            continue;
        }
        if (const auto applied = row.apply(to, from.values[i].back()); !applied) {
            return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
        }
    }
    return std::nullopt;
}

std::optional<reply> unknown_table(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& table : bench_tables()) {
        names.push_back(table.name);
    }
    return usage_error(fmt::format("bench has no table {}{} (ringway bench --list lists them)",
                                   name, suggestion(name, names)));
}

std::optional<reply> check_experiments(const bench_table& table, const bench_options& options) {
    std::vector<std::string_view> names;
    for (const auto& one : table.experiments()) {
        names.push_back(one.name);
    }
    for (const auto& wanted : options.experiments) {
        if (std::ranges::find(names, wanted) == names.end()) {
            return usage_error(
                fmt::format("{} has no experiment {}{} (ringway bench {} --list lists them)",
                            table.name, wanted, suggestion(wanted, names), table.name));
        }
    }
    return std::nullopt;
}

}  // namespace

std::variant<bench_options, reply> parse_bench(std::span<const std::string_view> arguments) {
    std::vector<option_text> rows;
    for (const auto& row : bench_option_table()) {
        rows.push_back(row.text);
    }
    auto split = split_by("bench", rows, arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(bench_page())};
    }
    bench_options options;
    if (auto wrong = apply_values(from, options)) {
        return *std::move(wrong);
    }
    if (from.operands.empty()) {
        return options.list ? reply{.text = list_of_tables()}
                            : usage_error(
                                  "bench what? ringway bench quic (ringway bench --list "
                                  "lists what there is)");
    }
    options.table = from.operands.front();
    options.experiments.assign(from.operands.begin() + 1, from.operands.end());
    const auto* const table = find_bench_table(options.table);
    if (table == nullptr) {
        return *unknown_table(options.table);
    }
    if (auto wrong = check_experiments(*table, options)) {
        return *std::move(wrong);
    }
    if (options.list) {
        return reply{.text = list_of(*table)};
    }
    return options;
}

}  // namespace ringway::cli
