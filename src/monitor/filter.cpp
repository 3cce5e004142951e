#include "monitor/filter.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/core.h>
#include <optional>
#include <utility>

namespace ringway::monitor {
namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::optional<double> parse_quantity(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view unit{read.ptr, text.data() + text.size()};
    static constexpr std::array<std::pair<std::string_view, double>, 7> units{{{"", 1},
                                                                               {"k", 1024},
                                                                               {"K", 1024},
                                                                               {"m", 1048576},
                                                                               {"M", 1048576},
                                                                               {"g", 1073741824},
                                                                               {"G", 1073741824}}};
    for (const auto& [name, factor] : units) {
        if (name == unit) {
            return value * factor;
        }
    }
    return std::nullopt;
}

// Splits at spaces outside double quotes, which are dropped.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    bool begun = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
            begun = true;
        } else if (c == ' ' && !quoted) {
            if (begun) {
                words.push_back(std::exchange(word, {}));
            }
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun) {
        words.push_back(std::move(word));
    }
    return words;
}

}  // namespace

std::expected<row_filter, std::string> row_filter::parse(std::string_view text) {
    row_filter made;
    for (const std::string& word : words_of(text)) {
        if (word == "and") {
            continue;
        }
        auto condition = parse_condition(word);
        if (!condition) {
            return std::unexpected{std::move(condition.error())};
        }
        made.conditions_.push_back(*std::move(condition));
    }
    return made;
}

std::expected<row_filter::condition, std::string> row_filter::parse_condition(
    std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, comparison>, 8> signs{
        {{"!=", comparison::equal},
         {"!~", comparison::contains},
         {">=", comparison::at_least},
         {"<=", comparison::at_most},
         {"=", comparison::equal},
         {"~", comparison::contains},
         {">", comparison::more},
         {"<", comparison::less}}};
    const auto at = text.find_first_of("!=~<>", 1);
    if (at == std::string_view::npos) {
        const bool negated = text.starts_with('!');
        if (text.size() == (negated ? 1U : 0U)) {
            return std::unexpected{"\"!\" stands in front of a word"};
        }
        if (text.find_first_of("=~<>") == 0) {
            return std::unexpected{fmt::format("\"{}\" names no column to compare", text)};
        }
        return condition{.column = {},
                         .how = comparison::word,
                         .negated = negated,
                         .text = lower(text.substr(negated ? 1 : 0))};
    }
    for (const auto& [sign, how] : signs) {
        if (!text.substr(at).starts_with(sign)) {
            continue;
        }
        const auto value = text.substr(at + sign.size());
        condition made{.column = lower(text.substr(0, at)),
                       .how = how,
                       .negated = sign.front() == '!',
                       .text = lower(value)};
        const auto number = parse_quantity(value);
        if (!number && how != comparison::equal && how != comparison::contains) {
            return std::unexpected{fmt::format("\"{}\" is no number, in \"{}\"", value, text)};
        }
        made.number = number.value_or(0);
        return made;
    }
    return std::unexpected{fmt::format("\"{}\" compares by none of = != ~ !~ < <= > >=", text)};
}

std::string row_filter::unknown_column(const table& in) const {
    for (const condition& each : conditions_) {
        if (!each.column.empty() && !in.find(each.column)) {
            return each.column;
        }
    }
    return {};
}

bool row_filter::holds(const condition& what, const table& in, const row& of) {
    if (what.how == comparison::word) {
        const bool found = std::ranges::any_of(
            of, [&what](const cell& each) { return lower(each.text).contains(what.text); });
        return found != what.negated;
    }
    const auto at = in.find(what.column);
    if (!at) {
        return false;
    }
    const cell& seen = of[*at];
    const bool is_text = in.columns[*at].kind == cell_kind::text;
    switch (what.how) {
        case comparison::equal:
            return (is_text ? lower(seen.text) == what.text
                            : seen.number && *seen.number == what.number) != what.negated;
        case comparison::contains:
            return lower(is_text ? seen.text : cell_text(seen, in.columns[*at].kind))
                       .contains(what.text) != what.negated;
        case comparison::more: return seen.number && *seen.number > what.number;
        case comparison::at_least: return seen.number && *seen.number >= what.number;
        case comparison::less: return seen.number && *seen.number < what.number;
        case comparison::at_most: return seen.number && *seen.number <= what.number;
        case comparison::word: break;
    }
    return false;
}

void row_filter::apply(table& to) const {
    std::erase_if(to.rows, [this, &to](const row& each) {
        return !std::ranges::all_of(conditions_,
                                    [&](const condition& what) { return holds(what, to, each); });
    });
}

}  // namespace ringway::monitor
