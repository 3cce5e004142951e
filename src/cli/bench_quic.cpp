#include "cli/bench_quic.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <string>
#include <utility>

#include "cli/bench_progress.hpp"
#include "cli/version.hpp"
#include "lab/machine.hpp"
#include "lab/world.hpp"

namespace ringway::cli {
namespace {

std::string tools_of(const bench_options& options) {
    std::string text;
    for (const auto& program : {options.quic_server, options.quic_client}) {
        text += program.empty() ? "" : (text.empty() ? "" : ", ") + program;
    }
    return text;
}

// Runs one and tells its result; false if it could not be run.
bool run_one(lab::world& in, const lab::experiment& one, const bench_options& options,
             std::vector<lab::report>& reports) {
    lab::report_circumstances when{.version = std::string{version_number()},
                                   .seed = options.seed,
                                   .quick = options.quick,
                                   .machine = lab::look_at_machine(),
                                   .use = {},
                                   .tools = tools_of(options)};
    const auto before = lab::read_machine_ticks();
    auto found = one.run(in, {.seed = options.seed,
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
    reports.push_back(*std::move(found));
    return true;
}

}  // namespace

bool run_quic_table(const bench_table& table, const bench_options& options,
                    std::vector<lab::report>& found) {
    auto made = lab::world::make({.ringway = own_path(),
                                  .quic_server = options.quic_server,
                                  .quic_client = options.quic_client,
                                  .seed = options.seed,
                                  .capture = options.capture});
    if (!made) {
        fmt::print(stderr, "ringway: {}\n", made.error());
        return false;
    }
    bool all_ran = true;
    for (const auto& one : table.experiments()) {
        const bool wanted =
            options.experiments.empty() ||
            std::ranges::find(options.experiments, one.name) != options.experiments.end();
        all_ran = (!wanted || run_one(**made, one, options, found)) && all_ran;
    }
    return all_ran;
}

}  // namespace ringway::cli
