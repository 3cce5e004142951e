#include "cli/advice_report.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/doctor_report.hpp"

namespace ringway::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t indent = 10;

std::optional<advice_figure> figure_for(const recommendation& one, const advice_report& report) {
    return report.results == nullptr
               ? std::nullopt
               : figure_of(one.rule->shown, report.what.clients, *report.results);
}

void append(std::string& out, std::string_view label, std::string_view text) {
    out.append(indent, ' ');
    const auto whole = fmt::format("{}{}{}", label, label.empty() ? "" : ": ", text);
    append_wrapped(out, whole, indent);
}

void append_passed(std::string& out, const passed_rule& passed) {
    std::string text{passed.rule->choice};
    text += "; here it lacks";
    std::string_view between = " ";
    for (const auto* const row : passed.missing) {
        text +=
            fmt::format("{}{} ({})", between, row->name,
                        row->detail.empty() ? name_of(row->has) : std::string_view{row->detail});
        between = ", ";
    }
    if (passed.missing.empty()) {
        text += " what was not tried";
    }
    append(out, "better", text);
    for (const auto* const row : passed.missing) {
        if (!row->fix.empty()) {
            append(out, "to get it", row->fix);
            break;
        }
    }
}

void append_one(std::string& out, const recommendation& one, const advice_report& report,
                bool colours) {
    const std::string_view bold = colours ? "\x1b[1m" : "";
    const std::string_view plain = colours ? "\x1b[0m" : "";
    out += fmt::format("\n{:<{}}{}", name_of(one.rule->about), indent, bold);
    append_wrapped(out, one.rule->choice, indent);
    out.insert(out.size() - 1, plain);
    append(out, "", fmt::format("{}.", one.rule->reason));
    if (!one.command.empty()) {
        append(out, "do", one.command);
    }
    if (const auto figure = figure_for(one, report)) {
        append(out, "measured here", figure->text);
        append(out, "again by", fmt::format("{} ({})", figure->command, figure->conditions));
    }
    for (const auto& passed : one.passed) {
        append_passed(out, passed);
    }
}

void append_origin(std::string& out, const advice_report& report) {
    out += '\n';
    if (report.results == nullptr) {
        append_wrapped(out,
                       fmt::format("No figures of this machine: there is no {}. This writes it, in "
                                   "two hours or more:",
                                   report.results_path),
                       0);
        const auto folder = report.results_path.substr(0, report.results_path.rfind('/'));
        append(
            out, "",
            fmt::format("mkdir -p {} && ringway bench all --json {}", folder, report.results_path));
        return;
    }
    const auto kernel = report.results->machine.find("kernel");
    if (kernel != report.results->machine.end() && *kernel != report.kernel) {
        append_wrapped(out,
                       fmt::format("The figures in {} are of another kernel than the one that "
                                   "runs, {}.",
                                   report.results_path, report.kernel),
                       0);
    } else {
        append_wrapped(out, fmt::format("Figures are from {}.", report.results_path), 0);
    }
}

json passed_json(const std::vector<passed_rule>& all) {
    json out = json::array();
    for (const auto& each : all) {
        json missing = json::array();
        for (const auto* const row : each.missing) {
            missing.push_back({{"id", row->id},
                               {"state", name_of(row->has)},
                               {"detail", row->detail},
                               {"fix", row->fix}});
        }
        out.push_back({{"id", each.rule->id}, {"choice", each.rule->choice}, {"missing", missing}});
    }
    return out;
}

}  // namespace

std::string as_text(const advice_report& report, bool colours) {
    std::string out;
    append_wrapped(out, fmt::format("{}: {}.", title_of(report.what.use), text_of(report.what)), 0);
    for (const auto& each : report.all) {
        append_one(out, each, report, colours);
    }
    append_origin(out, report);
    return out;
}

std::string as_json(const advice_report& report) {
    json numbers = json::object();
    for (const auto& each : workload_numbers()) {
        numbers[std::string{each.name}] = report.what.*(each.value);
    }
    json all = json::array();
    for (const auto& one : report.all) {
        json row{{"aspect", one.rule->about == aspect::io ? "io" : name_of(one.rule->about)},
                 {"id", one.rule->id},
                 {"choice", one.rule->choice},
                 {"reason", one.rule->reason},
                 {"command", one.command},
                 {"better", passed_json(one.passed)}};
        if (const auto figure = figure_for(one, report)) {
            row["figure"] = {{"text", figure->text},
                             {"command", figure->command},
                             {"conditions", figure->conditions}};
        }
        all.push_back(row);
    }
    const json whole{{"ringway_doctor_advice", 1},
                     {"use", name_of(report.what.use)},
                     {"workload", numbers},
                     {"results", report.results == nullptr ? "" : report.results_path},
                     {"kernel", report.kernel},
                     {"advice", all}};
    return whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace ringway::cli
