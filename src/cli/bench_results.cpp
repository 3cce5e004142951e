#include "cli/bench_results.hpp"

#include <cstdio>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "lab/compare.hpp"
#include "lab/report.hpp"
#include "lab/results_html.hpp"
#include "lab/results_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr int not_comparable = 2;

// As a whole or not at all: a reader never sees half a file.
bool write_file(const std::string& path, std::string_view text) {
    const auto part = path + ".part";
    std::ofstream file{part, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (file.fail() || std::rename(part.c_str(), path.c_str()) != 0) {
        std::remove(part.c_str());
        print_text(stderr, "ringway: can't write {}: is there such a directory, and room?\n", path);
        return false;
    }
    return true;
}

}  // namespace

bool write_results(const lab::bench_run_record& record, const bench_options& options) {
    bool done = true;
    if (!options.json.empty()) {
        done = write_file(options.json, lab::to_json(record)) && done;
    }
    if (!options.html.empty()) {
        done = write_file(options.html, lab::as_html(record)) && done;
    }
    if (!options.markdown.empty()) {
        done = write_file(options.markdown, lab::as_markdown(record)) && done;
    }
    return done;
}

void write_json(const lab::bench_run_record& record, const bench_options& options) {
    if (!options.json.empty()) {
        write_file(options.json, lab::to_json(record));
    }
}

std::string wrong_places(const bench_options& options) {
    for (const auto& [name, path] : {std::pair{"--json", options.json},
                                     {"--html", options.html},
                                     {"--markdown", options.markdown},
                                     {"--capture", options.capture}}) {
        const auto folder = std::filesystem::path{path}.parent_path();
        std::error_code failed;
        if (std::filesystem::is_directory(path, failed) ||
            (!folder.empty() && !std::filesystem::is_directory(folder, failed))) {
            return fmt::format("{} {}: give a file in a directory that exists", name, path);
        }
    }
    if (const auto& path = options.directory; !path.empty()) {
        std::error_code failed;
        if (!std::filesystem::is_directory(path, failed)) {
            return fmt::format("--dir {}: there is no such directory", path);
        }
        if (::access(path.c_str(), W_OK) != 0) {
            return fmt::format("--dir {}: nothing can be written there", path);
        }
    }
    return "";
}

int compare_results(const bench_options& options) {
    const auto before = lab::read_record(options.files[0]);
    const auto after = lab::read_record(options.files[1]);
    for (const auto* const each : {&before, &after}) {
        if (!*each) {
            print_text(stderr, "ringway: {}\n", each->error());
            return not_comparable;
        }
    }
    const auto found = lab::compare(*before, *after, {.threshold_percent = options.threshold});
    print_text("{}", lab::as_text(found));
    std::fflush(stdout);
    return !found.obstacles.empty() || found.rows_compared == 0 ? not_comparable
           : found.worse() > 0                                  ? 1
                                                                : 0;
}

int render_results(const bench_options& options) {
    const auto record = lab::read_record(options.files[0]);
    if (!record) {
        print_text(stderr, "ringway: {}\n", record.error());
        return 1;
    }
    if (options.html.empty() && options.markdown.empty()) {
        for (const auto& one : record->experiments) {
            print_text("{}\n", lab::as_text(one));
        }
        for (const auto& one : record->reports) {
            print_text("{}\n", lab::as_text(one));
        }
    }
    return write_results(*record, options) ? 0 : 1;
}

}  // namespace ringway::cli
