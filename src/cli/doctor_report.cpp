#include "cli/doctor_report.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

namespace ringway::cli {
namespace {

using probe::finding;
using probe::state;
using std::string;
using std::string_view;

constexpr std::size_t columns = 80;
constexpr std::size_t state_column = 2;
constexpr std::size_t name_column = 11;
constexpr std::size_t since_column = 41;
constexpr std::size_t found_by_column = 48;

struct paint {
    string_view bold, yes, partial, no, dim, plain;
};
constexpr paint no_paint{};
constexpr paint colours{.bold = "\x1b[1m",
                        .yes = "\x1b[32m",
                        .partial = "\x1b[33m",
                        .no = "\x1b[31m",
                        .dim = "\x1b[2m",
                        .plain = "\x1b[0m"};

string_view paint_of(state which, const paint& with) {
    switch (which) {
        case state::yes: return with.yes;
        case state::partial: return with.partial;
        case state::no: return with.no;
        case state::unknown: break;
    }
    return with.dim;
}

void append_line(string& out, string_view text, std::size_t indent) {
    out.append(indent, ' ');
    append_wrapped(out, text, indent);
}

// Cells that are too long for their column go on below.
void append_row(string& out, const finding& row, const report_style& style, const paint& with) {
    out.append(state_column, ' ');
    out += fmt::format("{}{:<{}}{}", paint_of(row.has, with), name_of(row.has),
                       name_column - state_column, with.plain);
    const bool fits = row.name.size() < since_column - name_column;
    out += row.name;
    if (fits) {
        out.append(since_column - name_column - row.name.size(), ' ');
    } else {
        out += '\n';
        out.append(since_column, ' ');
    }
    out +=
        fmt::format("{:<{}}", row.since.empty() ? "-" : row.since, found_by_column - since_column);
    append_wrapped(out, row.found_by, found_by_column);
    if (!row.detail.empty()) {
        append_line(out, row.detail, name_column);
    }
    if (style.verbose && !row.why.empty()) {
        append_line(out, "why: " + row.why, name_column);
    }
    if (!row.fix.empty()) {
        append_line(out, "fix: " + row.fix, name_column);
    }
}

void append_missing(string& out, std::span<const finding* const> rows, const paint& with) {
    for (const finding* const row : rows) {
        out += fmt::format("  {}{}{}: ", paint_of(row->has, with), row->name, with.plain);
        append_wrapped(out, row->detail.empty() ? name_of(row->has) : string_view{row->detail}, 4,
                       row->name.size() + 4);
        if (!row->fix.empty()) {
            append_line(out, row->fix, 6);
        }
    }
}

void append_summary(string& out, const doctor_report& report, const paint& with) {
    const auto verdict = probe::judge(report.rows);
    const std::span<const finding* const> missing{verdict.missing};
    const auto lacking = missing.first(missing.size() - verdict.untried);
    const auto say = [&](string_view text) {
        out += fmt::format("{}{}{}\n", with.bold, text, with.plain);
    };
    if (missing.empty()) {
        say("ringway serve will run at full strength on this machine.");
    } else if (lacking.empty()) {
        say("ringway serve runs here, maybe at full strength. These could not be tried:");
    } else {
        say("ringway serve runs here, but not at full strength. It lacks:");
        append_missing(out, lacking, with);
        if (verdict.untried > 0) {
            say("And these could not be tried:");
        }
    }
    append_missing(out, missing.last(verdict.untried), with);
}

void append_counts(string& out, const doctor_report& report) {
    std::array<std::size_t, 4> counts{};
    for (const auto& row : report.rows) {
        ++counts[static_cast<std::size_t>(row.has)];
    }
    const auto count = [&counts](state which) { return counts[static_cast<std::size_t>(which)]; };
    append_wrapped(
        out,
        fmt::format("{} rows: {} yes, {} partial, {} no, {} unknown; Linux {}, {}.",
                    report.rows.size(), count(state::yes), count(state::partial), count(state::no),
                    count(state::unknown), report.kernel,
                    report.root ? "as root" : "without root, with which more can be tried"),
        0);
}

bool is_shown(const finding& row, const report_style& style) {
    return style.topics.empty() || std::ranges::find(style.topics, row.about) != style.topics.end();
}

// Not all that helps is a command: "run Linux 6.1 or newer".
bool is_command(string_view fix) {
    constexpr std::array<string_view, 5> names{"sudo ", "ulimit ", "mount ", "unset ", "echo "};
    return std::ranges::any_of(names, [fix](string_view name) { return fix.starts_with(name); });
}

}  // namespace

void append_wrapped(string& out, string_view text, std::size_t indent, std::size_t column) {
    bool first = true;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (!first && column + 1 + word.size() > columns) {
            out += '\n';
            out.append(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
    out += '\n';
}

void append_wrapped(string& out, string_view text, std::size_t indent) {
    append_wrapped(out, text, indent, indent);
}

string as_text(const doctor_report& report, const report_style& style) {
    const paint& with = style.colours ? colours : no_paint;
    string out;
    append_summary(out, report, with);
    append_counts(out, report);
    auto topic = probe::topic::count_;
    for (const auto& row : report.rows) {
        if (!is_shown(row, style)) {
            continue;
        }
        if (row.about != topic) {
            topic = row.about;
            out += fmt::format("\n{}{:<{}}{:<{}}found out by{}\n", with.bold, title_of(topic),
                               since_column, "since", found_by_column - since_column, with.plain);
        }
        append_row(out, row, style, with);
    }
    return out;
}

string as_json(const doctor_report& report, const report_style& style) {
    using json = nlohmann::ordered_json;
    const auto verdict = probe::judge(report.rows);
    json missing = json::array();
    json untried = json::array();
    for (const finding* const row : verdict.missing) {
        missing.push_back(row->id);
        if (row->has == state::unknown) {
            untried.push_back(row->id);
        }
    }
    json rows = json::array();
    for (const auto& row : report.rows) {
        if (is_shown(row, style)) {
            rows.push_back({{"id", row.id},
                            {"topic", name_of(row.about)},
                            {"name", row.name},
                            {"state", name_of(row.has)},
                            {"detail", row.detail},
                            {"found_by", row.found_by},
                            {"since", row.since},
                            {"why", row.why},
                            {"fix", row.fix},
                            {"serve", row.for_serve}});
        }
    }
    const json all{
        {"ringway_doctor", 1},
        {"version", report.version},
        {"kernel", report.kernel},
        {"root", report.root},
        {"serve",
         {{"full_strength", verdict.full_strength()}, {"missing", missing}, {"untried", untried}}},
        {"findings", rows}};
    return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

string fixes_of(const doctor_report& report) {
    std::vector<string_view> told;
    string out;
    for (const finding* const row : probe::judge(report.rows).missing) {
        if (!row->fix.empty() && std::ranges::find(told, row->fix) == told.end()) {
            told.push_back(row->fix);
            out += fmt::format("{}{}\n", is_command(row->fix) ? "" : "# ", row->fix);
        }
    }
    return out;
}

}  // namespace ringway::cli
