#include "monitor/table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fmt/core.h>
#include <numeric>
#include <utility>

namespace ringway::monitor {
namespace {

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Three digits, with a suffix of the powers of `base`.
std::string scaled(double value, double base) {
    static constexpr std::array<const char*, 6> suffixes{"", "K", "M", "G", "T", "P"};
    std::size_t power = 0;
    while (std::abs(value) >= base * 0.9995 && power + 1 < suffixes.size()) {
        value /= base;
        ++power;
    }
    const bool whole = power == 0 ? value == std::floor(value) || value >= 100 : value >= 99.95;
    return fmt::format("{:.{}f}{}", value, whole ? 0 : 1, suffixes[power]);
}

std::string time_text(double microseconds) {
    if (microseconds < 1000) {
        return fmt::format("{:.0f}us", microseconds);
    }
    if (microseconds < 1'000'000) {
        const double ms = microseconds / 1000;
        return fmt::format("{:.{}f}ms", ms, ms < 99.95 ? 1 : 0);
    }
    return fmt::format("{:.1f}s", microseconds / 1'000'000);
}

std::string age_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
    if (seconds < 10) {
        return fmt::format("{:.1f}s", seconds);
    }
    if (whole < 60) {
        return fmt::format("{}s", whole);
    }
    if (whole < 3600) {
        return fmt::format("{}m{:02}s", whole / 60, whole % 60);
    }
    return whole < 86400 ? fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60)
                         : fmt::format("{}d{:02}h", whole / 86400, whole / 3600 % 24);
}

// How many bytes the character at the front has; 0 if it is no UTF-8 (RFC 3629) or can't be shown.
std::size_t character_bytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) {
        return 0;
    }
    const bool well = std::ranges::all_of(
        text.substr(1, size - 1), [](char c) { return (static_cast<unsigned char>(c) >> 6) == 2; });
    const bool is_control = first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    return well && !is_control ? size : 0;
}

}  // namespace

std::optional<std::size_t> table::find(std::string_view key) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (same_word(columns[i].key, key) || same_word(columns[i].title, key)) {
            return i;
        }
    }
    return std::nullopt;
}

bool sort_rows(table& what, std::string_view key, bool reverse) {
    const auto at = what.find(key);
    if (!at) {
        return false;
    }
    const bool is_text = what.columns[*at].kind == cell_kind::text;
    const bool descending = is_text == reverse;
    const auto before = [is_text, descending](const cell& a, const cell& b) {
        if (is_text) {
            if (a.text.empty() != b.text.empty()) {
                return b.text.empty();
            }
            return descending ? a.text > b.text : a.text < b.text;
        }
        if (!a.number || !b.number) {
            return a.number.has_value() && !b.number.has_value();
        }
        return descending ? *a.number > *b.number : *a.number < *b.number;
    };
    std::vector<std::size_t> order(what.rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
        const cell& a = what.rows[left][*at];
        const cell& b = what.rows[right][*at];
        return before(a, b) || (!before(b, a) && left < right);
    });
    std::vector<row> sorted;
    sorted.reserve(order.size());
    for (const std::size_t each : order) {
        sorted.push_back(std::move(what.rows[each]));
    }
    what.rows = std::move(sorted);
    what.sorted_by = what.columns[*at].key;
    what.descending = descending;
    return true;
}

std::string cell_text(const cell& what, cell_kind kind) {
    if (kind == cell_kind::text) {
        return what.text.empty() ? "-" : what.text;
    }
    if (!what.number) {
        return "-";
    }
    const double value = *what.number;
    switch (kind) {
        case cell_kind::id: return fmt::format("{:.0f}", value);
        case cell_kind::count:
            return value < 100'000 ? fmt::format("{:.0f}", value) : scaled(value, 1000);
        case cell_kind::bytes:
        case cell_kind::bytes_per_second: return scaled(value, 1024);
        case cell_kind::microseconds: return time_text(value);
        case cell_kind::nanoseconds:
            return value < 1000 ? fmt::format("{:.0f}ns", value) : time_text(value / 1000);
        case cell_kind::seconds: return age_text(value);
        case cell_kind::percent: return fmt::format("{:.2f}%", value);
        case cell_kind::per_second:
        case cell_kind::text: break;
    }
    return scaled(value, 1000);
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character_bytes(text);
        if (size == 0) {
            out += '?';
            text.remove_prefix(1);
        } else {
            out += text.substr(0, size);
            text.remove_prefix(size);
        }
    }
    return out;
}

}  // namespace ringway::monitor
