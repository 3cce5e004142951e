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
    for (const auto& one : table.entries()) {
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
    std::vector<std::string_view> names{all_tables, "compare", "render"};
    for (const auto& table : bench_tables()) {
        names.push_back(table.name);
    }
    return usage_error(fmt::format("bench has no table {}{} (ringway bench --list lists them)",
                                   name, suggestion(name, names)));
}

std::optional<reply> check_experiments(const bench_table& table, const bench_options& options) {
    std::vector<std::string_view> names;
    for (const auto& one : table.entries()) {
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

std::variant<bench_options, reply> with_files(bench_options options,
                                              const std::vector<std::string>& files) {
    const bool compare = options.table == "compare";
    options.action = compare ? bench_action::compare : bench_action::render;
    options.files = files;
    if (compare && files.size() != 2) {
        return usage_error(
            "bench compare takes two files that bench --json has written: ringway bench compare "
            "OLD.json NEW.json");
    }
    if (!compare && files.size() != 1) {
        return usage_error(
            "bench render takes one file that bench --json has written: ringway bench render "
            "FILE.json --html FILE.html");
    }
    return options;
}

std::variant<bench_options, reply> with_all_tables(bench_options options) {
    if (!options.experiments.empty()) {
        return usage_error("bench all takes no experiments: name their table instead");
    }
    if (options.list) {
        return reply{.text = list_of_tables()};
    }
    return options;
}

}  // namespace

bench_options::part find_bench_part(std::string_view first) noexcept {
    using part = bench_options::part;
    return first == "--lab-probe"       ? part::probe
           : first == "--lab-server"    ? part::server
           : first == "--lab-load"      ? part::load
           : first == "--lab-datagrams" ? part::datagrams
                                        : part::none;
}

std::variant<bench_options, reply> parse_bench(std::span<const std::string_view> arguments) {
    auto split = split_by("bench", texts_of(bench_option_table()), arguments);
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
    const std::vector<std::string> behind(from.operands.begin() + 1, from.operands.end());
    if (options.table == "compare" || options.table == "render") {
        return with_files(std::move(options), behind);
    }
    options.experiments = behind;
    if (options.server_core == options.load_core) {
        return usage_error(
            fmt::format("--server-core and --load-core are both {}: give each a core of its own",
                        options.load_core));
    }
    if (!options.rates.empty() && options.table != "latency" && options.table != all_tables) {
        return usage_error("--rate is for latency: nothing else asks at a constant rate");
    }
    if (options.table == all_tables) {
        return with_all_tables(std::move(options));
    }
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
