#include "lab/results_text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

#include "lab/claims.hpp"

namespace ringway::lab {
namespace {

// The length as a terminal shows it, where every character of ours is one column wide.
std::size_t width_of(std::string_view text) { return text.size(); }

std::string padded(std::string_view text, std::size_t width, bool right) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return right ? space + std::string{text} : std::string{text} + space;
}

void trim(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

bool has_claims(const experiment_result& of) {
    return std::ranges::any_of(of.rows, [](const auto& row) { return !row.claims.empty(); });
}

// What the last columns of a table say of a measured row.
void add_last_cells(const experiment_result& of, const row_result& row, bool claims,
                    std::vector<std::string>& cells) {
    const auto* const base = baseline_of(of, row);
    for (const auto what : of.ratios) {
        if (base == nullptr) {
            cells.emplace_back("-");
        } else if (base == &row) {
            cells.emplace_back(std::isfinite(row.median(what)) ? "1" : "-");
        } else {
            cells.push_back(ratio_text(ratio_to(row, *base, what)));
        }
    }
    const auto marks = row.marks();
    cells.push_back(fmt::format("{}/{}{}{}", row.clean_rounds(), row.rounds.size(),
                                marks.empty() ? "" : " ", marks));
    if (claims) {
        cells.push_back(claims_text(row));
    }
}

std::string heading_line(const result_table& table, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        line += "  " + padded(table.columns[i].heading, widths[i], table.columns[i].numeric);
    }
    trim(line);
    return line + "\n";
}

std::vector<std::size_t> widths_of(const result_table& table) {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        std::size_t width = width_of(table.columns[i].heading);
        for (const auto& line : table.lines) {
            if (i < line.cells.size()) {
                width = std::max(width, width_of(line.cells[i]));
            }
        }
        widths.push_back(width);
    }
    for (const auto& line : table.lines) {  // A subject that was not measured stands alone.
        widths[0] = std::max(widths[0], width_of(line.row->subject));
    }
    return widths;
}

std::string measured_line(const result_table& table, const result_table::line& line,
                          const std::vector<std::size_t>& widths) {
    std::string text;
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
        text += "  " + padded(line.cells[i], widths[i], table.columns[i].numeric);
    }
    if (line.cells.empty()) {
        text = fmt::format("  {}  not measured: {}", padded(line.row->subject, widths[0], false),
                           line.row->not_measured);
        if (const auto claims = claims_text(*line.row); !claims.empty()) {
            text += fmt::format("  [tutorial: {}]", claims);
        }
    }
    trim(text);
    return text + "\n";
}

std::string ending_of(const experiment_result& of) {
    std::string text = fmt::format(
        "  Medians of the clean rounds; (from to): 95 % bootstrap intervals of the ratio to {} in "
        "the same round.\n",
        of.baseline.empty() ? "the first of each test" : of.baseline);
    for (const auto& line : mark_meanings(of)) {
        text += fmt::format("  {}\n", line);
    }
    for (const auto& note : of.notes) {
        text += fmt::format("  {}\n", note);
    }
    if (!of.complete) {
        text += "  It was ended before its time: some rounds are missing.\n";
    }
    return text;
}

std::string markdown_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '<' || c == '*' || c == '_') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string markdown_of(const experiment_result& of) {
    const auto table = table_of(of);
    std::string out = fmt::format("### {} {}\n\n{}\n\n| conditions |", of.group, of.name,
                                  markdown_escaped(of.title));
    std::string rule = "|---|";
    for (const auto& column : table.columns) {
        out += fmt::format(" {} |", markdown_escaped(column.heading));
        rule += column.numeric ? "---:|" : "---|";
    }
    out += "\n" + rule + "\n";
    for (const auto& line : table.lines) {
        out += fmt::format("| {} |", markdown_escaped(line.row->test));
        if (line.cells.empty()) {
            out += fmt::format(" {} | not measured: {} |", markdown_escaped(line.row->subject),
                               markdown_escaped(line.row->not_measured));
            for (std::size_t i = 2; i < table.columns.size(); ++i) {
                const bool last = i + 1 == table.columns.size();
                out += fmt::format(" {} |", last ? markdown_escaped(claims_text(*line.row)) : "");
            }
        }
        for (const auto& cell : line.cells) {
            out += fmt::format(" {} |", markdown_escaped(cell));
        }
        out += '\n';
    }
    out += '\n';
    for (const auto& note : of.notes) {
        out += fmt::format("- {}\n", markdown_escaped(note));
    }
    for (const auto& meaning : mark_meanings(of)) {
        out += fmt::format("- {}\n", markdown_escaped(meaning));
    }
    return out + "\n";
}

std::string claims_markdown(const bench_run_record& run) {
    const auto lines = claims_of(run);
    if (lines.empty()) {
        return "";
    }
    std::string out = "### The tutorial's claims\n\n|";
    std::string rule = "|";
    for (const auto& heading : claim_headings()) {
        out += fmt::format(" {} |", heading);
        rule += "---|";
    }
    out += "\n" + rule + "\n";
    for (const auto& line : lines) {
        out += '|';
        for (const auto& cell : claim_cells(line)) {
            out += fmt::format(" {} |", markdown_escaped(cell));
        }
        out += '\n';
    }
    return out + "\n";
}

}  // namespace

bool claim_holds(metric what, double claimed, double measured) noexcept {
    switch (facts_of(what).direction) {
        case better::higher: return measured >= claimed;
        default: return measured <= claimed;  // Of the processor's share, too, less is meant.
    }
}

std::string claims_text(const row_result& row) {
    std::string text;
    for (const auto& [what, value] : row.claims) {
        const auto measured = row.median(what);
        const bool latency = what == metric::p50 || what == metric::p99 || what == metric::p999;
        const auto heading = facts_of(what).heading;
        text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ",
                            latency ? std::string{heading.substr(0, heading.find(' '))} + " " : "",
                            value_with_unit(what, value),
                            !std::isfinite(measured)             ? ""
                            : claim_holds(what, value, measured) ? " (holds)"
                                                                 : " (no)");
    }
    return text;
}

std::string ratio_text(const ratio_result& ratio) {
    if (!std::isfinite(ratio.median)) {
        return "-";
    }
    return ratio.range.known() ? fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.median,
                                             ratio.range.low, ratio.range.high)
                               : fmt::format("{:.2f}", ratio.median);
}

result_table table_of(const experiment_result& of) {
    result_table table;
    const auto metrics = metrics_in(of);
    const bool claims = has_claims(of);
    table.columns.push_back({"", false});
    for (const auto what : metrics) {
        table.columns.push_back({std::string{facts_of(what).heading}});
    }
    for (const auto what : of.ratios) {
        table.columns.push_back({fmt::format("ratio of {}", facts_of(what).heading)});
    }
    table.columns.push_back({"clean"});
    if (claims) {
        table.columns.push_back({"tutorial", false});
    }
    for (const auto& row : of.rows) {
        result_table::line line{.row = &row, .cells = {}};
        if (!row.rounds.empty()) {
            line.cells.push_back(row.subject);
            for (const auto what : metrics) {
                line.cells.push_back(value_text(what, row.median(what)));
            }
            add_last_cells(of, row, claims, line.cells);
        }
        table.lines.push_back(std::move(line));
    }
    return table;
}

std::string as_text(const experiment_result& of) {
    const auto table = table_of(of);
    const auto widths = widths_of(table);
    std::string out =
        fmt::format("{} {}: {}\n{}", of.group, of.name, of.title, heading_line(table, widths));
    std::string_view test;
    for (const auto& line : table.lines) {
        if (line.row->test != test) {
            test = line.row->test;
            out += fmt::format("{}\n", test);
        }
        out += measured_line(table, line, widths);
    }
    return out + ending_of(of);
}

std::string fact_text(const nlohmann::ordered_json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (!value.is_object()) {
        return value.dump();
    }
    std::string out;
    for (const auto& [name, each] : value.items()) {
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, fact_text(each));
    }
    return out;
}

std::vector<std::string> gaps_of(const bench_run_record& run) {
    std::vector<std::string> lines;
    if (run.interrupted) {
        lines.emplace_back("Interrupted: it ended before everything was measured.");
    }
    std::string behind;  // Those that the interrupt has kept from running are one line.
    for (const auto& [experiment, problem] : run.failures) {
        if (problem == interrupted_problem) {
            behind += (behind.empty() ? "" : ", ") + experiment;
        } else {
            lines.push_back(fmt::format("{} has no result: {}", experiment, problem));
        }
    }
    if (!behind.empty()) {
        lines.push_back(fmt::format("Not measured: {}.", behind));
    }
    return lines;
}

std::string as_markdown(const bench_run_record& run) {
    std::string out = fmt::format("Ringway {}", run.version);
    for (const auto& [name, value] : run.machine.items()) {
        out += fmt::format("; {}: {}", name, markdown_escaped(fact_text(value)));
    }
    out += ".\n\n";
    for (const auto& line : gaps_of(run)) {
        out += fmt::format("**{}**\n\n", markdown_escaped(line));
    }
    out += claims_markdown(run);
    for (const auto& one : run.experiments) {
        out += markdown_of(one);
    }
    return out;
}

}  // namespace ringway::lab
