#include "cli/advice_figures.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fmt/core.h>
#include <limits>
#include <string_view>
#include <vector>

namespace ringway::cli {
namespace {

using lab::bench_run_record;
using lab::experiment_result;
using lab::row_result;

// "1,000 connections" is 1000; 1 for what does not begin with a number.
double leading_number(std::string_view text) {
    double number = 0;
    bool any = false;
    for (const char each : text) {
        if (std::isdigit(static_cast<unsigned char>(each)) != 0) {
            number = number * 10 + (each - '0');
            any = true;
        } else if (each != ',') {
            break;
        }
    }
    return any && number > 0 ? number : 1;
}

const row_result* find_row(const experiment_result& in, const std::string& test,
                           std::string_view subject) {
    const auto found = std::ranges::find_if(in.rows, [&](const row_result& row) {
        return row.test == test && row.subject == subject && !row.rounds.empty();
    });
    return found == in.rows.end() ? nullptr : &*found;
}

// The test that has the subject, and whose connections are nearest.
const row_result* nearest_row(const experiment_result& in, const evidence& wanted, double clients) {
    const row_result* best = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& row : in.rows) {
        if (row.subject != wanted.subject || row.rounds.empty()) {
            continue;
        }
        const double distance =
            std::abs(std::log(leading_number(row.test)) - std::log(std::max(clients, 1.0)));
        if (distance < least) {
            least = distance;
            best = &row;
        }
    }
    return best;
}

std::string text_in(const nlohmann::ordered_json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_string() ? found->get<std::string>() : "unknown";
}

std::string conditions_of(const bench_run_record& run) {
    const auto quick = run.settings.find("quick");
    return fmt::format("{}, Linux {}, {}{}", text_in(run.machine, "time"),
                       text_in(run.machine, "kernel"), text_in(run.machine, "processor"),
                       quick != run.settings.end() && *quick == true ? ", a quick run" : "");
}

std::optional<std::string> measured_text(const evidence& wanted, double clients,
                                         const experiment_result& in) {
    const row_result* const row = nearest_row(in, wanted, clients);
    if (row == nullptr) {
        return std::nullopt;
    }
    const auto what = wanted.latency ? lab::metric::p99 : lab::metric::rate;
    const double value = row->median(what);
    if (std::isnan(value)) {
        return std::nullopt;
    }
    const auto kind = wanted.latency ? "p99 " : "";
    auto text = fmt::format("{}{}{} {}{}", row->test, row->test.empty() ? "" : ": ", row->subject,
                            kind, value_with_unit(what, value));
    const row_result* const other = find_row(in, row->test, wanted.against);
    const double against = other == nullptr ? std::nan("") : other->median(what);
    if (!std::isnan(against) && against > 0) {
        text += fmt::format(", {} {}{} ({:.2f} times)", other->subject, kind,
                            value_with_unit(what, against), value / against);
    }
    return text;
}

// Reports of the impaired path are tables of text: the row that has it, cell by cell.
std::optional<std::string> reported_text(const evidence& wanted, const lab::report& in) {
    const auto& rows = in.table.rows;
    const auto found = std::ranges::find_if(rows, [&](const auto& row) {
        return !row.empty() && row.front().contains(wanted.subject);
    });
    if (found == rows.end()) {
        return std::nullopt;
    }
    auto text = found->front();
    for (std::size_t i = 1; i < found->size() && i < in.table.columns.size(); ++i) {
        text += fmt::format(", {} {}", in.table.columns[i], (*found)[i]);
    }
    return text;
}

}  // namespace

std::optional<advice_figure> figure_of(const evidence& wanted, double clients,
                                       const bench_run_record& run) {
    if (wanted.table.empty()) {
        return std::nullopt;
    }
    std::optional<std::string> text;
    for (const auto& each : run.experiments) {
        if (each.group == wanted.table && each.name == wanted.experiment && !text) {
            text = measured_text(wanted, clients, each);
        }
    }
    for (const auto& each : run.reports) {
        if (wanted.table == "quic" && each.name == wanted.experiment && !text) {
            text = reported_text(wanted, each);
        }
    }
    if (!text) {
        return std::nullopt;
    }
    return advice_figure{
        .text = *std::move(text),
        .command = fmt::format("ringway bench {} {}", wanted.table, wanted.experiment),
        .conditions = conditions_of(run)};
}

std::string default_results_path() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    const char* const home = std::getenv("HOME");
    if (state != nullptr && *state != '\0') {
        return fmt::format("{}/ringway/bench.json", state);
    }
    return fmt::format("{}/.local/state/ringway/bench.json", home == nullptr ? "" : home);
}

}  // namespace ringway::cli
