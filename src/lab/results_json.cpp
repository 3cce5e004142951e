#include "lab/results_json.hpp"

#include <array>
#include <cmath>
#include <fmt/core.h>
#include <fstream>
#include <iostream>

namespace ringway::lab {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view format_key = "ringway_bench";
constexpr int format_number = 1;
constexpr std::size_t record_bytes_max = std::size_t{256} << 20U;

json values_of(const measurement& one) {
    json all = json::object();
    for (const auto what : all_metrics()) {
        if (one.has(what)) {
            all[std::string{facts_of(what).name}] = one.get(what);
        }
    }
    return all;
}

json row_json(const row_result& row) {
    json out{{"test", row.test}, {"subject", row.subject}};
    if (!row.not_measured.empty()) {
        out["not_measured"] = row.not_measured;
    }
    for (const auto& [what, value] : row.claims) {
        out["claims"][std::string{facts_of(what).name}] = value;
    }
    for (const auto what : all_metrics()) {
        if (const auto values = row.values(what); !values.empty()) {
            const std::string name{facts_of(what).name};
            out["median"][name] = median_of(values);
            if (const auto range = bootstrap_median(values); range.known()) {
                out["interval"][name] = {range.low, range.high};
            }
        }
    }
    out["rounds"] = json::array();
    for (std::size_t i = 0; i < row.rounds.size(); ++i) {
        out["rounds"].push_back({{"round", row.round_numbers[i]},
                                 {"operations", row.rounds[i].operations},
                                 {"failed", row.rounds[i].failed},
                                 {"values", values_of(row.rounds[i])}});
    }
    return out;
}

json experiment_json(const experiment_result& one) {
    json out{{"group", one.group},         {"name", one.name},         {"title", one.title},
             {"operation", one.operation}, {"baseline", one.baseline}, {"complete", one.complete},
             {"notes", one.notes}};
    out["ratios"] = json::array();
    for (const auto what : one.ratios) {
        out["ratios"].push_back(facts_of(what).name);
    }
    out["charts"] = json::array();
    for (const auto& chart : one.charts) {
        out["charts"].push_back(
            {{"metric", facts_of(chart.what).name}, {"logarithmic", chart.logarithmic}});
    }
    out["rows"] = json::array();
    for (const auto& row : one.rows) {
        out["rows"].push_back(row_json(row));
    }
    return out;
}

json report_json(const report& one) {
    json out{{"name", one.name}, {"title", one.title}, {"notes", one.notes}};
    out["table"] = {{"columns", one.table.columns}, {"rows", one.table.rows}};
    out["charts"] = json::array();
    for (const auto& [name, svg] : one.charts) {
        out["charts"].push_back({{"name", name}, {"svg", svg}});
    }
    out["data"] = one.data;
    return out;
}

// ---- Reading: every accessor has a default, so that what lacks is empty. ----

std::string text_in(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_string() ? found->get<std::string>() : "";
}

std::uint64_t count_in(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag_in(const json& from, const char* name, bool usual) {
    const auto found = from.find(name);
    return found != from.end() && found->is_boolean() ? found->get<bool>() : usual;
}

const json& array_in(const json& from, const char* name) {
    static const json none = json::array();
    const auto found = from.find(name);
    return found != from.end() && found->is_array() ? *found : none;
}

const json& object_in(const json& from, const char* name) {
    static const json none = json::object();
    const auto found = from.find(name);
    return found != from.end() && found->is_object() ? *found : none;
}

std::vector<std::string> texts_in(const json& from, const char* name) {
    std::vector<std::string> all;
    for (const auto& each : array_in(from, name)) {
        all.push_back(each.is_string() ? each.get<std::string>() : each.dump());
    }
    return all;
}

report read_report(const json& from) {
    report one{.name = text_in(from, "name"),
               .title = text_in(from, "title"),
               .table = {.columns = texts_in(object_in(from, "table"), "columns"), .rows = {}},
               .notes = texts_in(from, "notes"),
               .charts = {}};
    for (const auto& row : array_in(object_in(from, "table"), "rows")) {
        auto cells = texts_in(json{{"row", row}}, "row");
        cells.resize(one.table.columns.size());
        one.table.rows.push_back(std::move(cells));
    }
    for (const auto& chart : array_in(from, "charts")) {
        if (chart.is_object()) {
            one.charts.emplace_back(text_in(chart, "name"), text_in(chart, "svg"));
        }
    }
    one.data = object_in(from, "data");
    return one;
}

void read_rounds(const json& from, row_result& into) {
    for (const auto& each : array_in(from, "rounds")) {
        measurement one;
        one.operations = count_in(each, "operations");
        one.failed = count_in(each, "failed");
        for (const auto& [name, value] : object_in(each, "values").items()) {
            if (const auto what = find_metric(name); what && value.is_number()) {
                one.set(*what, value.get<double>());
            }
        }
        into.rounds.push_back(std::move(one));
        into.round_numbers.push_back(static_cast<unsigned>(count_in(each, "round")));
    }
}

row_result read_row(const json& from) {
    row_result row{.test = text_in(from, "test"),
                   .subject = text_in(from, "subject"),
                   .not_measured = text_in(from, "not_measured"),
                   .claims = {},
                   .rounds = {},
                   .round_numbers = {}};
    for (const auto& [name, value] : object_in(from, "claims").items()) {
        if (const auto what = find_metric(name); what && value.is_number()) {
            row.claims.push_back({*what, value.get<double>()});
        }
    }
    read_rounds(from, row);
    return row;
}

experiment_result read_experiment(const json& from) {
    experiment_result one{.group = text_in(from, "group"),
                          .name = text_in(from, "name"),
                          .title = text_in(from, "title"),
                          .operation = text_in(from, "operation"),
                          .baseline = text_in(from, "baseline"),
                          .ratios = {},
                          .rows = {},
                          .charts = {},
                          .notes = {}};
    one.complete = flag_in(from, "complete", true);
    one.notes = texts_in(from, "notes");
    for (const auto& name : array_in(from, "ratios")) {
        if (const auto what = find_metric(name.is_string() ? name.get<std::string>() : "")) {
            one.ratios.push_back(*what);
        }
    }
    for (const auto& chart : array_in(from, "charts")) {
        if (const auto what = find_metric(chart.is_object() ? text_in(chart, "metric") : "")) {
            one.charts.push_back({*what, chart.value("logarithmic", false)});
        }
    }
    for (const auto& row : array_in(from, "rows")) {
        if (row.is_object()) {
            one.rows.push_back(read_row(row));
        }
    }
    return one;
}

}  // namespace

std::string to_json(const bench_run_record& run) {
    json all{{format_key, format_number}, {"version", run.version}};
    all["machine"] = run.machine;
    all["settings"] = run.settings;
    all["interrupted"] = run.interrupted;
    all["failures"] = json::array();
    for (const auto& [experiment, problem] : run.failures) {
        all["failures"].push_back({{"experiment", experiment}, {"problem", problem}});
    }
    all["experiments"] = json::array();
    for (const auto& one : run.experiments) {
        all["experiments"].push_back(experiment_json(one));
    }
    all["reports"] = json::array();
    for (const auto& one : run.reports) {
        all["reports"].push_back(report_json(one));
    }
    return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

outcome<bench_run_record> from_json(std::string_view text) {
    const auto all = json::parse(text, nullptr, false);
    const bool is_ours = all.is_object() && all.find(format_key) != all.end();
    if (!is_ours || (all[format_key] == format_number && !all.contains("experiments"))) {
        return std::unexpected{std::string{"that is no result of ringway bench --json"}};
    }
    if (all[format_key] != format_number) {
        return std::unexpected{fmt::format("it is of format {}, this program knows {}",
                                           all[format_key].dump(), format_number)};
    }
    bench_run_record run{.version = text_in(all, "version"),
                         .machine = object_in(all, "machine"),
                         .settings = object_in(all, "settings"),
                         .experiments = {},
                         .reports = {},
                         .failures = {},
                         .interrupted = flag_in(all, "interrupted", false)};
    for (const auto& one : array_in(all, "failures")) {
        if (one.is_object()) {
            run.failures.push_back({text_in(one, "experiment"), text_in(one, "problem")});
        }
    }
    for (const auto& one : array_in(all, "experiments")) {
        if (one.is_object()) {
            run.experiments.push_back(read_experiment(one));
        }
    }
    for (const auto& one : array_in(all, "reports")) {
        if (one.is_object()) {
            run.reports.push_back(read_report(one));
        }
    }
    return run;
}

outcome<bench_run_record> read_record(const std::string& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            return std::unexpected{fmt::format("can't read {}", path)};
        }
    }
    std::istream& from = path == "-" ? std::cin : file;
    std::string text;
    std::array<char, 65'536> piece;
    while (from.read(piece.data(), piece.size()) || from.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(from.gcount()));
        if (text.size() > record_bytes_max) {
            return std::unexpected{fmt::format("{}: more than {} MB are no result of ringway bench",
                                               path, record_bytes_max >> 20U)};
        }
    }
    if (!from.eof()) {
        return std::unexpected{fmt::format("can't read {}: is it a file?", path)};
    }
    auto record = from_json(text);
    if (!record) {
        return std::unexpected{fmt::format("{}: {}", path, record.error())};
    }
    return record;
}

}  // namespace ringway::lab
