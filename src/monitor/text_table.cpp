#include "monitor/text_table.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace ringway::monitor {
namespace {

constexpr std::size_t gap = 1;

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) >> 6) == 2; }

// Which columns are shown, and how wide.
struct placed {
    std::size_t index;
    std::size_t width;
};

std::size_t total_width(const std::vector<placed>& columns) {
    std::size_t sum = columns.empty() ? 0 : gap * (columns.size() - 1);
    for (const placed& each : columns) {
        sum += each.width;
    }
    return sum;
}

std::vector<placed> choose_columns(const table& what, std::size_t width) {
    std::vector<placed> chosen;
    chosen.reserve(what.columns.size());
    for (std::size_t i = 0; i < what.columns.size(); ++i) {
        chosen.push_back({i, what.columns[i].width});
    }
    while (chosen.size() > 1 && total_width(chosen) > width) {
        const auto worst = std::ranges::max_element(chosen, {}, [&what](const placed& each) {
            return what.columns[each.index].expendable;
        });
        chosen.erase(worst);
    }
    if (chosen.size() == 1) {
        chosen.front().width = std::min(chosen.front().width, width);
    }
    return chosen;
}

// The longest text of a column, so that none gets more room than it needs.
std::size_t longest(const table& what, std::size_t column, std::size_t rows_max) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < std::min(what.rows.size(), rows_max); ++i) {
        const auto text = printable(cell_text(what.rows[i][column], what.columns[column].kind));
        most = std::max(most, characters(text));
    }
    return most;
}

void grow(std::vector<placed>& columns, const table& what, std::size_t width,
          std::size_t rows_max) {
    std::vector<std::size_t> wanted(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool grows = what.columns[columns[i].index].grows;
        wanted[i] = grows ? longest(what, columns[i].index, rows_max) : columns[i].width;
    }
    for (bool changed = true; changed && total_width(columns) < width;) {
        changed = false;
        for (std::size_t i = 0; i < columns.size() && total_width(columns) < width; ++i) {
            if (columns[i].width < wanted[i]) {
                ++columns[i].width;
                changed = true;
            }
        }
    }
}

void append_cell(std::string& line, std::string_view text, const column& of, std::size_t width) {
    const auto shown = shortened(text, width);
    const std::string padding(width - std::min(width, characters(shown)), ' ');
    line += of.kind == cell_kind::text ? shown + padding : padding + shown;
}

void trim(std::string& line) { line.resize(line.find_last_not_of(' ') + 1); }

}  // namespace

std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
    if (characters(text) <= width) {
        return std::string{text};
    }
    if (width == 0) {
        return {};
    }
    std::size_t bytes = 0;
    for (std::size_t seen = 0; bytes < text.size(); ++bytes) {
        if (!is_continuation(text[bytes]) && seen++ == width - 1) {
            break;
        }
    }
    return std::string{text.substr(0, bytes)} + "~";
}

text_lines lay_out(const table& what, unsigned width, std::size_t rows_max) {
    auto columns = choose_columns(what, width);
    grow(columns, what, width, rows_max);
    text_lines out;
    for (const placed& each : columns) {
        out.head += out.head.empty() ? "" : std::string(gap, ' ');
        append_cell(out.head, what.columns[each.index].title, what.columns[each.index], each.width);
    }
    trim(out.head);
    for (std::size_t i = 0; i < std::min(what.rows.size(), rows_max); ++i) {
        std::string line;
        for (const placed& each : columns) {
            const column& of = what.columns[each.index];
            line += &each == columns.data() ? "" : std::string(gap, ' ');
            append_cell(line, printable(cell_text(what.rows[i][each.index], of.kind)), of,
                        each.width);
        }
        trim(line);
        out.rows.push_back(std::move(line));
    }
    return out;
}

std::vector<std::string> fact_lines(const table& what, unsigned width) {
    std::vector<std::string> lines;
    std::string line;
    for (const fact& each : what.facts) {
        const bool is_rate =
            each.kind == cell_kind::per_second || each.kind == cell_kind::bytes_per_second;
        const auto text = fmt::format(
            "{} {}{}", each.title, cell_text(cell::of(each.value), each.kind), is_rate ? "/s" : "");
        if (!line.empty() && line.size() + 2 + text.size() > width) {
            lines.push_back(shortened(line, width));
            line.clear();
        }
        line += (line.empty() ? "" : "  ") + text;
    }
    if (!line.empty()) {
        lines.push_back(shortened(line, width));
    }
    return lines;
}

}  // namespace ringway::monitor
