#include "cli/parse_top.hpp"

#include <algorithm>
#include <bit>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_setters.hpp"
#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
constexpr std::uint64_t ring_bytes_least = 4096;
constexpr std::uint64_t ring_bytes_most = std::uint64_t{256} << 20U;
constexpr std::uint64_t table_entries_most = 1'000'000;
constexpr std::chrono::milliseconds interval_least{100};

using options = top_options;
using view = std::string_view;

parsed<std::string> parse_view(view text) {
    const auto& names = top_view_names();
    if (std::ranges::find(names, text) == names.end()) {
        return std::unexpected{not_among(text, names)};
    }
    return std::string{text};
}

parsed<void> set_watched(options& to, view text) {
    for (const view each : split_list(text)) {
        auto name = parse_view(each);
        if (!name) {
            return std::unexpected{std::move(name.error())};
        }
        to.watched.push_back(*std::move(name));
    }
    return {};
}

parsed<void> set_interval(options& to, view text) {
    const auto time = parse_seconds(text);
    if (time && *time < interval_least) {
        return std::unexpected{fmt::format("\"{}\" is shorter than 100ms", text)};
    }
    return store(to.interval, time);
}

parsed<void> set_ring(options& to, view text) {
    const auto size = parse_size(text);
    if (size &&
        (!std::has_single_bit(*size) || *size < ring_bytes_least || *size > ring_bytes_most)) {
        return std::unexpected{fmt::format("\"{}\" is no power of two between 4K and 256M", text)};
    }
    return store(to.ring_bytes, size);
}

constexpr top_option rows_of_table[] = {
    {{.group = "What is shown",
      .name = "view",
      .letter = 'v',
      .value = "NAME",
      .default_value = "connections",
      .help = "connections, sources, drops, connects, queues, io_uring or programs."},
     [](options& to, view text) { return store(to.view, parse_view(text)); }},
    {{.group = "What is shown",
      .name = "sort",
      .letter = 's',
      .value = "COLUMN",
      .help = "Sort by this column: its title, or its name in --json. Numbers downwards, texts "
              "upwards."},
     [](options& to, view text) { return store_text(to.sort, text); }},
    {{.group = "What is shown",
      .name = "reverse",
      .letter = 'r',
      .form = flag,
      .help = "Sort the other way round."},
     [](options& to, view text) { return store(to.reverse, parse_switch(text)); }},
    {{.group = "What is shown",
      .name = "filter",
      .letter = 'f',
      .value = "EXPRESSION",
      .help = "Only rows for which it holds: words, and conditions such as process=nginx, "
              "rtt_us>20000, remote~192.0.2. or state!=estab, with spaces between."},
     [](options& to, view text) { return store_text(to.filter, text); }},
    {{.group = "What is shown",
      .name = "rows",
      .letter = 'n',
      .value = "N",
      .help = "At most so many rows."},
     [](options& to, view text) { return store(to.rows, parse_number(text, 1, 1'000'000)); }},
    {{.group = "How",
      .name = "once",
      .form = flag,
      .help = "Look twice, an interval apart, print the view, and end."},
     [](options& to, view text) { return store(to.once, parse_switch(text)); }},
    {{.group = "How",
      .name = "json",
      .form = flag,
      .help = "All views as JSON, a line per interval; of --view alone if that is given."},
     [](options& to, view text) { return store(to.json, parse_switch(text)); }},
    {{.group = "How",
      .name = "prometheus",
      .value = "ADDR:PORT",
      .help = "Serve metrics at /metrics there until a signal comes, without a screen."},
     [](options& to, view text) { return store_text(to.prometheus, text); }},
    {{.group = "How",
      .name = "flows",
      .value = "FILE",
      .help = "Append a line of JSON for every connection that ends; - is standard output."},
     [](options& to, view text) { return store_text(to.flows, text); }},
    {{.group = "How",
      .name = "interval",
      .letter = 'i',
      .value = "TIME",
      .default_value = "2s",
      .help = "Between two looks; 100ms at least."},
     set_interval},
    {{.group = "How",
      .name = "count",
      .letter = 'c',
      .value = "N",
      .help = "End after so many looks."},
     [](options& to, view text) { return store(to.count, parse_number(text, 1, 1'000'000'000)); }},
    {{.group = "What it costs",
      .name = "watch",
      .value = "VIEW,...",
      .default_value = "all",
      .help = "Collect only these views; the others cost nothing."},
     set_watched},
    {{.group = "What it costs",
      .name = "ring-size",
      .value = "SIZE",
      .default_value = "2M",
      .help = "Room for connections that have ended until they are read, a power of two."},
     set_ring},
    {{.group = "What it costs",
      .name = "table-size",
      .value = "N",
      .help = "Entries of each table in the kernel. When one is full, or the ring, that is counted "
              "and shown."},
     [](options& to, view text) {
         return store(to.table_entries, parse_number(text, 1, table_entries_most));
     }},
};

std::optional<reply> check_together(const top_options& options) {
    if (!options.prometheus.empty() && (options.once || options.json)) {
        return usage_error(
            "--prometheus serves until a signal comes; it goes without --once and "
            "--json");
    }
    if (options.flows == "-" && (options.json || options.once)) {
        return usage_error("--flows - writes where --json and --once write; name a file");
    }
    if (options.once && options.count > 0) {
        return usage_error("--once and --count contradict each other");
    }
    const auto& watched = options.watched;
    if (!watched.empty() && std::ranges::find(watched, options.view) == watched.end()) {
        return usage_error(fmt::format("--watch leaves out {}, which --view shows", options.view));
    }
    return std::nullopt;
}

}  // namespace

const std::vector<std::string_view>& top_view_names() {
    static const std::vector<std::string_view> names{
        "connections", "sources", "drops", "connects", "queues", "io_uring", "programs"};
    return names;
}

std::span<const top_option> top_option_table() { return rows_of_table; }

std::variant<top_options, reply> parse_top(std::span<const std::string_view> arguments) {
    auto split = split_by("top", texts_of(top_option_table()), arguments);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(top_page())};
    }
    if (!from.operands.empty()) {
        return usage_error(
            fmt::format("top takes no operands: \"{}\" (ringway top --help lists "
                        "its options)",
                        from.operands.front()));
    }
    top_options options;
    bool view_given = false;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = top_option_table()[i];
        if (from.values[i].empty()) {
            continue;
        }
        view_given = view_given || row.text.name == "view";
        if (const auto applied = row.apply(options, from.values[i].back()); !applied) {
            return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
        }
    }
    options.all_views = !view_given;
    if (!view_given && !options.watched.empty()) {
        options.view = options.watched.front();
    }
    if (auto wrong = check_together(options)) {
        return *std::move(wrong);
    }
    return options;
}

}  // namespace ringway::cli
