#include "cli/value_parsers.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <limits>
#include <optional>

#include "cli/nearest.hpp"

namespace ringway::cli {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// Digits and what follows them; nothing if there are none or too many.
struct number_and_rest {
    std::uint64_t number;
    std::string_view rest;
};
std::optional<number_and_rest> split_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* const begin = text.begin();
    const auto* const end = text.end();
    const auto read = std::from_chars(begin, end, number);
    if (read.ec != std::errc{}) {
        return std::nullopt;
    }
    return number_and_rest{number, {read.ptr, end}};
}

// The number times its unit; nothing for unknown units and for more than `most`.
std::optional<std::uint64_t> scaled(std::string_view text, std::span<const unit> units,
                                    std::uint64_t most) {
    const auto split = split_number(text);
    if (!split) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(units, split->rest, &unit::name);
    if (found == units.end() || split->number > most / found->factor) {
        return std::nullopt;
    }
    return split->number * found->factor;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const auto split = split_number(text);
    if (!split || !split->rest.empty() || split->number < least || split->number > most) {
        if (most == std::numeric_limits<std::uint64_t>::max()) {
            return std::unexpected{fmt::format("\"{}\" is no whole number", text)};
        }
        return std::unexpected{
            fmt::format("\"{}\" is no whole number from {} to {}", text, least, most)};
    }
    return split->number;
}

parsed<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::uint64_t k = 1024;
    static constexpr unit units[] = {
        {"", 1},          {"B", 1},         {"K", k},          {"k", k},          {"KB", k},
        {"KiB", k},       {"M", k * k},     {"m", k * k},      {"MB", k * k},     {"MiB", k * k},
        {"G", k * k * k}, {"g", k * k * k}, {"GB", k * k * k}, {"GiB", k * k * k}};
    if (text == "off") {
        return 0;
    }
    if (const auto value = scaled(text, units, std::numeric_limits<std::int64_t>::max())) {
        return *value;
    }
    return std::unexpected{
        fmt::format("\"{}\" is no size: write a number of bytes, or one with K, M or G", text)};
}

parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
    static constexpr unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
    constexpr std::uint64_t year = 366ULL * 24 * 3'600'000;
    if (text == "off" || text == "0") {
        return std::chrono::milliseconds{0};
    }
    if (const auto value = scaled(text, units, year)) {
        return std::chrono::milliseconds{*value};
    }
    return std::unexpected{
        fmt::format("\"{}\" is no duration: write 500ms, 10s, 5m, 1h or off", text)};
}

parsed<std::chrono::milliseconds> parse_seconds(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool bare = !text.empty() && std::ranges::all_of(text, is_digit);
    const auto read = parse_duration(bare ? fmt::format("{}s", text) : std::string{text});
    if (!read) {
        return std::unexpected{fmt::format(
            "\"{}\" is no duration: write a number of seconds, or 500ms, 10s, 5m, 1h or off",
            text)};
    }
    return read;
}

parsed<bool> parse_switch(std::string_view text) {
    for (const std::string_view yes : {"true", "yes", "on", "1"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"false", "no", "off", "0"}) {
        if (text == no) {
            return false;
        }
    }
    return std::unexpected{fmt::format("\"{}\" is neither yes nor no", text)};
}

std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) {
            parts.push_back(part);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

std::string not_among(std::string_view text, std::span<const std::string_view> names) {
    std::string all;
    for (std::size_t i = 0; i < names.size(); ++i) {
        all += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
        all += names[i];
    }
    return fmt::format("\"{}\" is none of {}{}", text, all, suggestion(text, names));
}

}  // namespace ringway::cli
