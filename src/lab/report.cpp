#include "lab/report.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <string_view>

#include <ringway/base/assert.hpp>

namespace ringway::lab {
namespace {

bool is_number(std::string_view cell) {
    return cell.empty() || cell == "-" || std::isdigit(static_cast<unsigned char>(cell[0])) != 0 ||
           (cell[0] == '-' && cell.size() > 1);
}

// Columns of which every cell is a number go to the right.
bool is_numeric(const report_table& table, std::size_t column) {
    return std::ranges::all_of(table.rows,
                               [column](const auto& row) { return is_number(row[column]); });
}

void add_row(std::string& out, const std::vector<std::string>& cells,
             const std::vector<std::size_t>& widths, const std::vector<bool>& numeric) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += "  ";
        out += numeric[i] ? fmt::format("{:>{}}", cells[i], widths[i])
                          : fmt::format("{:<{}}", cells[i], widths[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
}

bool write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    return !file.fail();
}

}  // namespace

std::string as_text(const report& what) {
    std::string out = fmt::format("{}: {}\n", what.name, what.title);
    const auto& table = what.table;
    std::vector<std::size_t> widths;
    std::vector<bool> numeric;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        std::size_t width = table.columns[i].size();
        for (const auto& row : table.rows) {
            RW_ASSERT(row.size() == table.columns.size());
            width = std::max(width, row[i].size());
        }
        widths.push_back(width);
        numeric.push_back(is_numeric(table, i));
    }
    if (!table.columns.empty()) {
        add_row(out, table.columns, widths, numeric);
    }
    for (const auto& row : table.rows) {
        add_row(out, row, widths, numeric);
    }
    for (const auto& note : what.notes) {
        out += fmt::format("  {}\n", note);
    }
    return out;
}

std::string as_json(const report& what, const report_circumstances& when) {
    nlohmann::ordered_json all;
    all["experiment"] = what.name;
    all["title"] = what.title;
    all["ringway"] = when.version;
    all["seed"] = when.seed;
    all["quick"] = when.quick;
    all["machine"] = {{"kernel", when.machine.kernel},    {"processor", when.machine.processor},
                      {"cores", when.machine.cores},      {"load_before", when.machine.load},
                      {"time", when.machine.time},        {"busy_percent", when.use.busy},
                      {"stolen_percent", when.use.stolen}};
    all["tools"] = when.tools;
    all["notes"] = what.notes;
    all["table"] = {{"columns", what.table.columns}, {"rows", what.table.rows}};
    all["data"] = what.data;
    return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::expected<std::vector<std::string>, std::string> write_report(const report& what,
                                                                  const report_circumstances& when,
                                                                  const std::string& directory) {
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) {
        return std::unexpected{fmt::format("can't make {}: {}", directory, failed.message())};
    }
    const std::filesystem::path folder{directory};
    std::vector<std::string> written;
    const auto write = [&](const std::string& name, std::string_view text) {
        const auto path = folder / name;
        written.push_back(path.string());
        return write_file(path, text);
    };
    bool done = write(what.name + ".json", as_json(what, when));
    for (const auto& [name, svg] : what.charts) {
        const auto file = name.empty() ? what.name + ".svg" : what.name + "-" + name + ".svg";
        done = done && write(file, svg);
    }
    if (!done) {
        return std::unexpected{fmt::format("can't write {}: is the disk full?", written.back())};
    }
    return written;
}

}  // namespace ringway::lab
