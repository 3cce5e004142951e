#include "cli/bench_measured.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <optional>
#include <sched.h>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench_progress.hpp"
#include "cli/version.hpp"
#include "lab/bench_run.hpp"
#include "lab/isolation.hpp"
#include "lab/results_text.hpp"
#include "lab/scratch.hpp"

namespace ringway::cli {
namespace {

std::atomic<bool> signal_came{false};

// A second signal has its usual effect: the children die with us.
void watch_signals() {
    struct sigaction wanted{};
    wanted.sa_handler = [](int) { signal_came.store(true, std::memory_order_relaxed); };
    wanted.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &wanted, nullptr);
    ::sigaction(SIGTERM, &wanted, nullptr);
}

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
            .server_core = static_cast<unsigned>(options.server_core),
            .load_core = static_cast<unsigned>(options.load_core),
            .progress = options.quiet ? nullptr : print_progress,
            .interrupted = interrupted};
}

bool run_one(const bench_table& table, const lab::bench_experiment& one,
             const lab::bench_settings& settings, lab::bench_run_record& record) {
    auto plan = one.prepare(settings);
    if (!plan) {
        end_progress();
        fmt::print(stderr, "ringway: {} {}: {}\n", table.name, one.name, plan.error());
        return false;
    }
    auto result = lab::run_plan(*plan, table.name, one.name, settings);
    end_progress();
    const bool any =
        std::ranges::any_of(result.rows, [](const auto& row) { return !row.rounds.empty(); });
    fmt::print("{}\n", lab::as_text(result));
    std::fflush(stdout);
    record.experiments.push_back(std::move(result));
    return any;
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

bool interrupted() noexcept { return signal_came.load(std::memory_order_relaxed); }

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
    record.settings = {{"table", options.table},
                       {"quick", options.quick},
                       {"seed", options.seed},
                       {"rounds", settings.rounds},
                       {"seconds", settings.seconds},
                       {"connections", settings.connections},
                       {"server_core", settings.server_core},
                       {"load_core", settings.load_core}};
    return record;
}

bool run_measured_table(const bench_table& table, const bench_options& options,
                        lab::bench_run_record& record) {
    watch_signals();
    record.machine["network"] = lab::isolate_loopback();
    std::optional<lab::scratch> own;
    std::string directory = options.directory;
    if (directory.empty()) {
        auto made = lab::scratch::make();
        if (!made) {
            fmt::print(stderr, "ringway: {}\n", made.error());
            return false;
        }
        own.emplace(*std::move(made));
        directory = own->path();
    }
    const auto settings = settings_from(options, directory);
    bool all_ran = true;
    for (const auto& one : table.measured()) {
        const bool wanted =
            options.experiments.empty() ||
            std::ranges::find(options.experiments, one.name) != options.experiments.end();
        if (wanted && !interrupted()) {
            all_ran = run_one(table, one, settings, record) && all_ran;
        }
    }
    return all_ran;
}

}  // namespace ringway::cli
