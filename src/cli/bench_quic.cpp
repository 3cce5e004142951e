#include "cli/bench_quic.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench_progress.hpp"
#include "cli/version.hpp"
#include "lab/machine.hpp"
#include "lab/world.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

std::string tools_of(const bench_options& options) {
    std::string text;
    for (const auto& program : {options.quic_server, options.quic_client}) {
        text += program.empty() ? "" : (text.empty() ? "" : ", ") + program;
    }
    return text;
}

// Runs one and prints its report.
void run_one(lab::world& in, const lab::experiment& one, const bench_options& options,
             lab::bench_run_record& into) {
    const auto fail = [&](const std::string& problem) {
        into.failures.push_back({fmt::format("quic {}", one.name), problem});
        print_text(stderr, "ringway: quic {}: {}\n", one.name, problem);
    };
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
        fail(found.error());
        return;
    }
    print_text("{}", lab::as_text(*found));
    const auto lateness = in.path().counters();
    if (lateness.kernel_drops > 0) {
        print_text(
            "  The kernel has dropped {} packets since the start because this machine was "
            "too busy: not only the path has lost some.\n",
            lateness.kernel_drops);
    }
    print_text("  machine: {:.0f} % busy, {:.1f} % stolen by its host\n\n", when.use.busy,
               when.use.stolen);
    std::fflush(stdout);
    if (!options.out.empty()) {
        if (const auto written = lab::write_report(*found, when, options.out); !written) {
            fail(written.error());
        }
    }
    into.reports.push_back(*std::move(found));
}

}  // namespace

void run_quic_table(const bench_table& table, const std::vector<std::string>& names,
                    const bench_options& options, const result_sink& tell) {
    auto made = lab::world::make({.ringway = own_path(),
                                  .quic_server = options.quic_server,
                                  .quic_client = options.quic_client,
                                  .seed = options.seed,
                                  .capture = options.capture});
    if (!made) {
        print_text(stderr, "ringway: {}\n", made.error());
    }
    for (const auto& one : table.experiments()) {
        if (std::ranges::find(names, one.name) == names.end()) {
            continue;
        }
        lab::bench_run_record found;
        if (made) {
            run_one(**made, one, options, found);
        } else {
            found.failures.push_back({fmt::format("quic {}", one.name), made.error()});
        }
        tell(found);
    }
}

}  // namespace ringway::cli
