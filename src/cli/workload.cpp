#include "cli/workload.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/core.h>
#include <utility>
#include <vector>

#include "cli/human_text.hpp"

namespace ringway::cli {
namespace {

struct named_use {
    use_case use;
    std::string_view name;
    std::string_view title;
    workload typical;
};

constexpr double kibibyte = 1024;
constexpr double mebibyte = kibibyte * 1024;

constexpr std::array<named_use, 5> uses{{
    {use_case::web_api,
     "web-api",
     "Web API",
     {use_case::web_api, 2 * kibibyte, 20'000, 20'000, 0.1, 2000}},
    {use_case::file_server,
     "file-server",
     "File server",
     {use_case::file_server, mebibyte, 1000, 200'000, 0.2, 1000}},
    {use_case::media,
     "media",
     "Real-time media and games",
     {use_case::media, 1200, 60'000, 20'000, 2, 500}},
    {use_case::iot, "iot", "Internet of things", {use_case::iot, 200, 5000, 1'000'000, 3, 100'000}},
    {use_case::trading, "trading", "Trading", {use_case::trading, 150, 100'000, 20, 0, 20}},
}};

constexpr std::array<std::string_view, 5> all_names{"web-api", "file-server", "media", "iot",
                                                    "trading"};

constexpr std::array<workload_number, 5> numbers{{
    {"size", "bytes, or with K, M, G", &workload::bytes, 1, 1000.0 * (1U << 30U), "1 to 1000G"},
    {"rate", "a second", &workload::rate, 0.001, 1e9, "0.001 to 1G"},
    {"latency", "us, ms or s", &workload::latency_us, 1, 6e7, "1us to 60s"},
    {"loss", "percent", &workload::loss_percent, 0, 50, "0% to 50%"},
    {"clients", "at the same time", &workload::clients, 1, 1e8, "1 to 100M"},
}};

// A number and what stands behind it.
struct amount {
    double value = 0;
    std::string_view unit;
};

parsed<amount> split_amount(std::string_view text) {
    amount out;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out.value);
    if (failure != std::errc{} || !std::isfinite(out.value)) {
        return std::unexpected{fmt::format("\"{}\" is no number", text)};
    }
    out.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return out;
}

using unit = std::pair<std::string_view, double>;

// The units of each number; the first of a row is the one that may be left out, if it is empty.
std::span<const unit> units_of(std::string_view name) {
    static constexpr std::array<unit, 10> binary{{{"", 1},
                                                  {"B", 1},
                                                  {"K", kibibyte},
                                                  {"KB", kibibyte},
                                                  {"KiB", kibibyte},
                                                  {"M", mebibyte},
                                                  {"MB", mebibyte},
                                                  {"MiB", mebibyte},
                                                  {"G", mebibyte * kibibyte},
                                                  {"GB", mebibyte * kibibyte}}};
    static constexpr std::array<unit, 7> decimal{
        {{"", 1}, {"/s", 1}, {"K", 1e3}, {"K/s", 1e3}, {"M", 1e6}, {"M/s", 1e6}, {"G", 1e9}}};
    static constexpr std::array<unit, 3> times{{{"us", 1}, {"ms", 1e3}, {"s", 1e6}}};
    static constexpr std::array<unit, 2> percent{{{"", 1}, {"%", 1}}};
    if (name == "size") {
        return binary;
    }
    if (name == "latency") {
        return times;
    }
    return name == "loss" ? std::span<const unit>{percent} : decimal;
}

parsed<double> read_value(const workload_number& row, std::string_view text) {
    const auto given = split_amount(text);
    if (!given) {
        return std::unexpected{
            fmt::format("{}: {}; it goes from {}", row.name, given.error(), row.range)};
    }
    for (const auto& [name, factor] : units_of(row.name)) {
        if (name == given->unit) {
            const double value = given->value * factor;
            const bool is_whole = std::floor(value) == value;
            if (value < row.least || value > row.most || (row.name == "clients" && !is_whole)) {
                break;
            }
            return value;
        }
    }
    return std::unexpected{
        fmt::format("{}: \"{}\" is not from {} ({})", row.name, text, row.range, row.unit)};
}

}  // namespace

std::span<const workload_number> workload_numbers() noexcept { return numbers; }

std::string_view name_of(use_case use) noexcept {
    const auto found = std::ranges::find(uses, use, &named_use::use);
    return found == uses.end() ? "general" : found->name;
}

std::string_view title_of(use_case use) noexcept {
    const auto found = std::ranges::find(uses, use, &named_use::use);
    return found == uses.end() ? "What you described" : found->title;
}

std::span<const std::string_view> use_names() noexcept { return all_names; }

parsed<workload> workload_of(std::string_view use) {
    const auto found = std::ranges::find(uses, use, &named_use::name);
    if (found == uses.end()) {
        return std::unexpected{not_among(use, all_names)};
    }
    return found->typical;
}

parsed<workload> describe(workload from, std::string_view text) {
    const auto parts = split_list(text);
    if (parts.empty()) {
        return std::unexpected{"it is empty: write size=4K,rate=20000,latency=5ms"};
    }
    for (const auto part : parts) {
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        const auto row = std::ranges::find(numbers, name, &workload_number::name);
        if (row == numbers.end() || equals == std::string_view::npos) {
            std::vector<std::string_view> names;
            names.reserve(numbers.size());
            for (const auto& each : numbers) {
                names.push_back(each.name);
            }
            return std::unexpected{
                row == numbers.end()
                    ? not_among(name, names)
                    : fmt::format("{} needs a value: {}=, from {}", name, name, row->range)};
        }
        const auto value = read_value(*row, part.substr(equals + 1));
        if (!value) {
            return std::unexpected{value.error()};
        }
        from.*(row->value) = *value;
    }
    return from;
}

std::string text_of(const workload& what) {
    const auto rate =
        what.rate >= 1 ? fmt::format("{:.0f}", what.rate) : fmt::format("{:.3g}", what.rate);
    return fmt::format(
        "{} each, {} a second, {} at the 99th percentile, {:.3g} % loss, {:.0f} clients",
        size_text(static_cast<std::uint64_t>(what.bytes)), rate,
        span_text(nanoseconds{static_cast<std::int64_t>(what.latency_us * 1000)}),
        what.loss_percent, what.clients);
}

}  // namespace ringway::cli
