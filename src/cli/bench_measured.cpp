#include "cli/bench_measured.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <sched.h>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench_progress.hpp"
#include "cli/bench_signals.hpp"
#include "cli/version.hpp"
#include "lab/bench_run.hpp"
#include "lab/isolation.hpp"
#include "lab/program_versions.hpp"
#include "lab/results_text.hpp"
#include "lab/scratch.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

lab::bench_settings settings_from(const bench_options& options, std::string directory) {
    return {.program = own_path(),
            .directory = std::move(directory),
            .seed = options.seed,
            .quick = options.quick,
            .rounds = options.rounds > 0 ? static_cast<unsigned>(options.rounds)
                      : options.quick    ? 2
                                         : 5,
            .seconds = options.seconds > 0 ? options.seconds
                       : options.quick     ? 0.3
                                           : 3,
            .connections = options.connections,
            .rates = options.rates,
            .server_core = static_cast<unsigned>(options.server_core),
            .load_core = static_cast<unsigned>(options.load_core),
            .progress = options.quiet ? nullptr : print_progress,
            .interrupted = interrupted};
}

// Runs one and prints its table.
void run_one(const bench_table& table, const lab::bench_experiment& one,
             const lab::bench_settings& settings, lab::bench_run_record& found) {
    const auto fail = [&](const std::string& problem) {
        found.failures.push_back({fmt::format("{} {}", table.name, one.name), problem});
        end_progress();
        print_text(stderr, "ringway: {} {}: {}\n", table.name, one.name, problem);
    };
    auto plan = one.prepare(settings);
    if (!plan) {
        fail(plan.error());
        return;
    }
    auto result = lab::run_plan(*plan, table.name, one.name, settings);
    end_progress();
    print_text("{}\n", lab::as_text(result));
    std::fflush(stdout);
    const bool any =
        std::ranges::any_of(result.rows, [](const auto& row) { return !row.rounds.empty(); });
    if (!any && result.complete) {
        fail("none of its rows could be measured");
    }
    found.experiments.push_back(std::move(result));
}

std::vector<unsigned> usable_cores() {
    cpu_set_t usable;
    std::vector<unsigned> cores;
    if (::sched_getaffinity(0, sizeof usable, &usable) == 0) {
        for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &usable)) {
                cores.push_back(core);
            }
        }
    }
    return cores;
}

}  // namespace

std::string wrong_cores(const bench_options& options) {
    if (options.table == "quic") {
        return "";  // It uses all that there are.
    }
    const auto usable = usable_cores();
    for (const auto& [name, core] :
         {std::pair{"--server-core", options.server_core}, {"--load-core", options.load_core}}) {
        if (std::ranges::find(usable, core) == usable.end()) {
            return fmt::format("{} {}: this process may use the cores {}{}", name, core,
                               fmt::join(usable, ", "),
                               usable.size() < 2 ? "; measuring a server needs two" : "");
        }
    }
    return "";
}

lab::bench_run_record begin_record(const bench_options& options) {
    const auto settings = settings_from(options, "");
    lab::bench_run_record record{.version = std::string{version_number()}};
    record.machine = lab::describe_machine(options.directory.empty() ? "/tmp" : options.directory);
    record.machine["build"] = build_text();
    record.machine["libraries"] = lab::library_versions();
    record.machine["programs"] = lab::program_versions();
    record.settings = {{"table", options.table},         {"quick", options.quick},
                       {"seed", options.seed},           {"rounds", settings.rounds},
                       {"seconds", settings.seconds},    {"connections", settings.connections},
                       {"rates", settings.rates},        {"server_core", settings.server_core},
                       {"load_core", settings.load_core}};
    return record;
}

void run_measured_table(const bench_table& table, const std::vector<std::string>& names,
                        const bench_options& options, const result_sink& tell) {
    watch_signals_as_child();
    const auto network = lab::isolate_loopback();
    const auto files = lab::scratch::make(options.directory);
    if (!files) {
        print_text(stderr, "ringway: {}\n", files.error());
    }
    const auto settings = settings_from(options, files ? files->path() : "");
    for (const auto& one : table.measured()) {
        if (interrupted() || std::ranges::find(names, one.name) == names.end()) {
            continue;
        }
        lab::bench_run_record found;
        found.machine["network"] = network;
        if (files) {
            run_one(table, one, settings, found);
        } else {
            found.failures.push_back({fmt::format("{} {}", table.name, one.name), files.error()});
        }
        tell(found);
    }
}

}  // namespace ringway::cli
