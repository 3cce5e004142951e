#include "cli/bench.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include <ringway/base/assert.hpp>

#include "cli/bench_tables.hpp"
#include "cli/version.hpp"
#include "lab/machine.hpp"
#include "lab/probe.hpp"
#include "lab/report.hpp"
#include "lab/world.hpp"

namespace ringway::cli {
namespace {

void print_progress(std::string_view line) {
    // On a terminal the line is overwritten by the next one.
    fmt::print(stderr, "{}{}{}", ::isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "", line,
               ::isatty(STDERR_FILENO) != 0 ? "" : "\n");
    std::fflush(stderr);
}

void end_progress() {
    if (::isatty(STDERR_FILENO) != 0) {
        fmt::print(stderr, "\r\033[K");
    }
}

// This program's own file, to be run inside the namespaces.
std::string own_path() {
    std::error_code failed;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? "ringway" : path.string();
}

std::string tools_of(const bench_options& options) {
    std::string text;
    for (const auto& program : {options.quic_server, options.quic_client}) {
        text += program.empty() ? "" : (text.empty() ? "" : ", ") + program;
    }
    return text;
}

// Runs one and tells its result; false if it could not be run.
bool run_one(lab::world& in, const lab::experiment& one, const bench_options& options) {
    lab::report_circumstances when{.version = std::string{version_number()},
                                   .seed = options.seed,
                                   .quick = options.quick,
                                   .machine = lab::look_at_machine(),
                                   .use = {},
                                   .tools = tools_of(options)};
    const auto before = lab::read_machine_ticks();
    const auto found = one.run(in, {.seed = options.seed,
                                    .quick = options.quick,
                                    .samples = static_cast<std::size_t>(options.samples),
                                    .progress = options.quiet ? nullptr : print_progress});
    when.use = lab::use_between(before, lab::read_machine_ticks());
    end_progress();
    if (!found) {
        fmt::print(stderr, "ringway: {}: {}\n", one.name, found.error());
        return false;
    }
    fmt::print("{}", lab::as_text(*found));
    const auto lateness = in.path().counters();
    if (lateness.kernel_drops > 0) {
        fmt::print(
            "  The kernel has dropped {} packets since the start because this machine was "
            "too busy: not only the path has lost some.\n",
            lateness.kernel_drops);
    }
    fmt::print("  machine: {:.0f} % busy, {:.1f} % stolen by its host\n\n", when.use.busy,
               when.use.stolen);
    std::fflush(stdout);
    if (!options.out.empty()) {
        if (const auto written = lab::write_report(*found, when, options.out); !written) {
            fmt::print(stderr, "ringway: {}\n", written.error());
            return false;
        }
    }
    return true;
}

}  // namespace

int run_bench(const bench_options& options) {
    if (!options.probe.empty()) {
        const auto probe = lab::from_arguments(options.probe);
        return probe ? lab::run_probe(*probe) : 2;
    }
    const auto* const table = find_bench_table(options.table);
    RW_ASSERT(table != nullptr);
    auto made = lab::world::make({.ringway = own_path(),
                                  .quic_server = options.quic_server,
                                  .quic_client = options.quic_client,
                                  .seed = options.seed,
                                  .capture = options.capture});
    if (!made) {
        fmt::print(stderr, "ringway: {}\n", made.error());
        return 1;
    }
    bool all_ran = true;
    for (const auto& one : table->experiments()) {
        const bool wanted =
            options.experiments.empty() ||
            std::ranges::find(options.experiments, one.name) != options.experiments.end();
        all_ran = (!wanted || run_one(**made, one, options)) && all_ran;
    }
    return all_ran ? 0 : 1;
}

}  // namespace ringway::cli
