// What an experiment has found, for people (tables, charts) and for programs (JSON).
#pragma once

#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lab/machine.hpp"

namespace ringway::lab {

struct report_table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;  ///< As many cells as there are columns.
};

struct report {
    std::string name;   ///< Of the experiment, also of its files.
    std::string title;  ///< What was measured, with its conditions.
    report_table table;
    std::vector<std::string> notes;  ///< What the reader must know: what was left out, and why.
    std::vector<std::pair<std::string, std::string>> charts;  ///< Name and SVG.
    nlohmann::json data = nlohmann::json::object();
};

/// Under which circumstances a report was made.
struct report_circumstances {
    std::string version;  ///< Of Ringway.
    std::uint64_t seed = 0;
    bool quick = false;
    machine_facts machine;
    machine_use use;
    std::string tools;  ///< Versions of other programs that took part; "" for none.
};

/// The table in columns, numbers to the right, then the notes.
[[nodiscard]] std::string as_text(const report& what);

/// Everything, as one JSON object.
[[nodiscard]] std::string as_json(const report& what, const report_circumstances& when);

/// Writes NAME.json and the charts, NAME.svg or NAME-CHART.svg, into `directory`, which is made if
/// need be. Yields the paths. Fails with a line for people.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> write_report(
    const report& what, const report_circumstances& when, const std::string& directory);

}  // namespace ringway::lab
