#include "lab/results_html.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <string_view>

#include "lab/chart.hpp"
#include "lab/claims.hpp"
#include "lab/results_text.hpp"
#include "lab/row_chart.hpp"

namespace ringway::lab {
namespace {

constexpr std::string_view page_style =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c1e21;--soft:#62666d;--line:#d9dce1;"
    "--band:#f4f6f8}"
    "@media(prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e6e7ea;--soft:#9aa0a8;"
    "--line:#3a3d44;--band:#1e2126}}"
    "body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;margin:0 "
    "auto;padding:1.5rem;max-width:72rem}"
    "h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.5rem 0 .3rem}"
    "p{margin:.3rem 0 1rem}ul{margin:.5rem 0;padding-left:1.2rem;color:var(--soft)}"
    "dl{columns:24rem 2;margin:1rem 0}dl div{display:flex;gap:1rem;break-inside:avoid}"
    "dt{color:var(--soft);flex:0 0 11rem}dd{margin:0}"
    ".wide{overflow-x:auto;margin:1rem 0}"
    "table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.22rem .55rem;text-align:left;white-space:nowrap}"
    "thead th{border-bottom:2px solid var(--line);font-weight:600;vertical-align:bottom}"
    "td.n,th.n{text-align:right}tbody tr:nth-child(even) td{background:var(--band)}"
    "tr.test th{padding-top:.7rem;border-bottom:1px solid var(--line)}"
    "td.why{color:var(--soft);white-space:normal}.holds{color:#0a7a3c}.fails{color:#c0392b}"
    "@media(prefers-color-scheme:dark){.holds{color:#5fd38d}.fails{color:#ff8f7d}}"
    ".gap{border-left:4px solid #c0392b;padding:.2rem .8rem;background:var(--band)}"
    "img{max-width:100%}figure{margin:1rem 0;break-inside:avoid}nav a{margin-right:1rem}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--band:#f2f2f2}"
    "body{padding:0;max-width:none;font-size:10pt}table{font-size:7.5pt}nav{display:none}"
    ".wide{overflow:visible}tr{break-inside:avoid}thead{display:table-header-group}"
    "th,td{padding:.1rem .3rem;white-space:normal}td.n{white-space:nowrap}"
    "figure svg,figure img{max-height:170mm;width:auto}h2{break-after:avoid}"
    ".bar,thead th,tbody td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

std::string anchor_of(std::string_view group, std::string_view name) {
    return fmt::format("{}-{}", group, name);
}

std::string facts_list(const bench_run_record& run) {
    std::string out = "<dl>\n";
    const auto add = [&out](std::string_view name, std::string_view value) {
        out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", xml_escaped(name),
                           xml_escaped(value));
    };
    const auto add_all = [&add](const nlohmann::ordered_json& from) {
        for (const auto& [name, value] : from.items()) {
            auto words = name;
            std::ranges::replace(words, '_', ' ');
            add(words, fact_text(value));
        }
    };
    add("ringway", run.version);
    add_all(run.machine);
    add_all(run.settings);
    return out + "</dl>\n";
}

// RFC 4648, section 4.
std::string base64(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group =
                group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += i + k > bytes.size() ? '=' : letters[group >> (18 - 6 * k) & 63];
        }
    }
    return out;
}

// Green and red words are also written out: "(holds)", "(no)".
std::string claims_cell(const row_result& row) {
    auto text = xml_escaped(claims_text(row));
    const auto mark = [&text](std::string_view word, std::string_view kind) {
        const auto marked = fmt::format("<span class=\"{}\">{}</span>", kind, word);
        for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;
             at += marked.size()) {
            text.replace(at, word.size(), marked);
        }
    };
    mark("(holds)", "holds");
    mark("(no)", "fails");
    return text;
}

std::string row_html(const result_table& table, const result_table::line& line) {
    std::string out = "<tr>";
    if (line.cells.empty()) {
        out += fmt::format("<td>{}</td><td class=\"why\" colspan=\"{}\">not measured: {}",
                           xml_escaped(line.row->subject), table.columns.size() - 1,
                           xml_escaped(line.row->not_measured));
        if (!line.row->claims.empty()) {
            out += fmt::format("; the tutorial: {}", claims_cell(*line.row));
        }
        return out + "</td></tr>\n";
    }
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
        const bool claims = table.columns[i].heading == "tutorial";
        out += fmt::format("<td{}>{}</td>", table.columns[i].numeric ? " class=\"n\"" : "",
                           claims ? claims_cell(*line.row) : xml_escaped(line.cells[i]));
    }
    return out + "</tr>\n";
}

std::string table_html(const experiment_result& of) {
    const auto table = table_of(of);
    std::string out = "<div class=\"wide\"><table><thead><tr>";
    for (const auto& column : table.columns) {
        out += fmt::format("<th{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                           xml_escaped(column.heading));
    }
    out += "</tr></thead><tbody>\n";
    std::string_view test;
    for (const auto& line : table.lines) {
        if (line.row->test != test) {
            test = line.row->test;
            out += fmt::format("<tr class=\"test\"><th colspan=\"{}\">{}</th></tr>\n",
                               table.columns.size(), xml_escaped(test));
        }
        out += row_html(table, line);
    }
    return out + "</tbody></table></div>\n";
}

std::string chart_html(const experiment_result& of, const wanted_chart& wanted) {
    row_chart chart{.title = std::string{facts_of(wanted.what).title},
                    .logarithmic = wanted.logarithmic,
                    .bars = {}};
    for (const auto& row : of.rows) {
        const auto values = row.values(wanted.what);
        if (values.empty() && !std::isfinite(row.claim(wanted.what))) {
            continue;
        }
        const double middle = median_of(values);
        const auto range = bootstrap_median(values);
        chart.bars.push_back({.group = row.test,
                              .label = row.subject,
                              .text = value_with_unit(wanted.what, middle),
                              .value = middle,
                              .low = range.low,
                              .high = range.high,
                              .claim = row.claim(wanted.what),
                              .claim_text = value_with_unit(wanted.what, row.claim(wanted.what)),
                              .own = row.subject.starts_with("ringway")});
        if (!std::isfinite(middle)) {
            chart.bars.back().text = "not measured";
        }
    }
    return chart.bars.empty() ? "" : "<figure>" + draw(chart) + "</figure>\n";
}

std::string notes_html(const std::vector<std::string>& notes) {
    std::string out;
    for (const auto& note : notes) {
        out += fmt::format("<li>{}</li>\n", xml_escaped(note));
    }
    return out.empty() ? out : "<ul>\n" + out + "</ul>\n";
}

std::string experiment_html(const experiment_result& of) {
    std::string out =
        fmt::format("<h2 id=\"{}\">{} {}</h2>\n<p>{}</p>\n", anchor_of(of.group, of.name),
                    xml_escaped(of.group), xml_escaped(of.name), xml_escaped(of.title));
    for (const auto& wanted : of.charts) {
        out += chart_html(of, wanted);
    }
    out += table_html(of);
    auto notes = mark_meanings(of);
    notes.insert(notes.begin(),
                 fmt::format("Medians of the clean rounds. Ratios are to {} in the same round; "
                             "with 95 % bootstrap intervals, as the lines on the bars.",
                             of.baseline.empty() ? "the first row of each test" : of.baseline));
    notes.insert(notes.end(), of.notes.begin(), of.notes.end());
    if (!of.complete) {
        notes.emplace_back("It was ended before its time: some rounds are missing.");
    }
    return out + notes_html(notes);
}

std::string claims_html(const bench_run_record& run) {
    const auto lines = claims_of(run);
    if (lines.empty()) {
        return "";
    }
    std::string out =
        "<h2 id=\"claims\">The tutorial's claims</h2>\n<p>Each claim beside what was measured "
        "here; "
        "\"x\": how many times as good as the weakest claim of the same test; !: measured beside "
        "others.</p>\n"
        "<div class=\"wide\"><table><thead><tr>";
    for (const auto& heading : claim_headings()) {
        out += fmt::format("<th>{}</th>", xml_escaped(heading));
    }
    out += "</tr></thead><tbody>\n";
    for (const auto& line : lines) {
        out += "<tr>";
        for (const auto& cell : claim_cells(line)) {
            const auto* const kind = cell == "yes" || cell == "yes !" ? " class=\"holds\""
                                     : cell == "no" || cell == "no !" ? " class=\"fails\""
                                                                      : "";
            out += fmt::format("<td{}>{}</td>", kind, xml_escaped(cell));
        }
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string report_html(const report& of) {
    std::string out =
        fmt::format("<h2 id=\"{}\">quic {}</h2>\n<p>{}</p>\n", anchor_of("quic", of.name),
                    xml_escaped(of.name), xml_escaped(of.title));
    for (const auto& [name, svg] : of.charts) {
        // As a picture: the rules inside it would be the whole page's otherwise.
        out += fmt::format(
            "<figure><img alt=\"{} {}\" src=\"data:image/svg+xml;base64,{}\"></figure>\n",
            xml_escaped(of.name), xml_escaped(name), base64(svg));
    }
    out += "<div class=\"wide\"><table><thead><tr>";
    for (const auto& column : of.table.columns) {
        out += fmt::format("<th>{}</th>", xml_escaped(column));
    }
    out += "</tr></thead><tbody>\n";
    for (const auto& row : of.table.rows) {
        out += "<tr>";
        for (const auto& cell : row) {
            out += fmt::format("<td>{}</td>", xml_escaped(cell));
        }
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n" + notes_html(of.notes);
}

}  // namespace

std::string as_html(const bench_run_record& run) {
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>ringway bench</title>\n<style>{}{}</style></head><body>\n"
        "<h1>ringway bench</h1>\n<p>What was measured, where and how.</p>\n{}<nav>",
        page_style, row_chart_style(), facts_list(run));
    for (const auto& one : run.experiments) {
        out += fmt::format("<a href=\"#{}\">{} {}</a>", anchor_of(one.group, one.name), one.group,
                           one.name);
    }
    for (const auto& one : run.reports) {
        out += fmt::format("<a href=\"#{}\">quic {}</a>", anchor_of("quic", one.name), one.name);
    }
    out += "</nav>\n";
    for (const auto& line : gaps_of(run)) {
        out += fmt::format("<p class=\"gap\">{}</p>\n", xml_escaped(line));
    }
    out += claims_html(run);
    for (const auto& one : run.experiments) {
        out += experiment_html(one);
    }
    for (const auto& one : run.reports) {
        out += report_html(one);
    }
    return out + "</body></html>\n";
}

}  // namespace ringway::lab
