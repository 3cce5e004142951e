#include "cli/bench.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench_apart.hpp"
#include "cli/bench_measured.hpp"
#include "cli/bench_quic.hpp"
#include "cli/bench_results.hpp"
#include "cli/bench_signals.hpp"
#include "cli/bench_tables.hpp"
#include "lab/bench_parts.hpp"
#include "lab/probe.hpp"
#include "lab/results_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

// The user's Ctrl-C is as the shell tells it.
constexpr int interrupted_status = 130;

int run_part(const bench_options& options) {
    using part = bench_options::part;
    if (options.be == part::probe) {
        const auto probe = lab::from_arguments(options.part_arguments);
        return probe ? lab::run_probe(*probe) : 2;
    }
    if (options.be == part::datagrams) {
        return lab::run_bench_datagrams(options.part_arguments);
    }
    return options.be == part::server ? lab::run_bench_server(options.part_arguments)
                                      : lab::run_bench_load(options.part_arguments);
}

std::vector<std::string> wanted_of(const bench_table& table, const bench_options& options) {
    std::vector<std::string> names;
    for (const auto& one : table.entries()) {
        const auto& wanted = options.experiments;
        if (wanted.empty() || std::ranges::find(wanted, one.name) != wanted.end()) {
            names.emplace_back(one.name);
        }
    }
    return names;
}

void add(lab::bench_run_record& to, const lab::bench_run_record& found) {
    to.machine.update(found.machine);
    to.experiments.insert(to.experiments.end(), found.experiments.begin(), found.experiments.end());
    to.reports.insert(to.reports.end(), found.reports.begin(), found.reports.end());
    to.failures.insert(to.failures.end(), found.failures.begin(), found.failures.end());
}

// Runs those that are wanted in a child; where one of them ends it, the others in another child.
void run_table(const bench_table& table, const bench_options& options,
               lab::bench_run_record& record) {
    auto left = wanted_of(table, options);
    while (!left.empty() && !interrupted()) {
        std::size_t told = 0;
        const auto end = run_apart(
            [&](const result_sink& tell) {
                if (table.experiments != nullptr) {
                    run_quic_table(table, left, options, tell);
                } else {
                    run_measured_table(table, left, options, tell);
                }
            },
            [&](const lab::bench_run_record& found) {
                ++told;
                add(record, found);
                write_json(record, options);
            });
        left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(told));
        if (end.empty() || left.empty() || interrupted()) {
            break;
        }
        print_text(stderr, "ringway: {} {}: {}\n", table.name, left.front(), end);
        record.failures.push_back({fmt::format("{} {}", table.name, left.front()), end});
        left.erase(left.begin());
    }
    for (const auto& name : left) {
        record.failures.push_back(
            {fmt::format("{} {}", table.name, name), std::string{lab::interrupted_problem}});
    }
}

lab::bench_run_record run_tables(const bench_options& options) {
    auto record = begin_record(options);
    record.interrupted = true;  // So says the file, until it is no longer so.
    watch_signals();
    for (const auto& table : bench_tables()) {
        if (options.table == all_tables || options.table == table.name) {
            run_table(table, options, record);
        }
    }
    record.interrupted = interrupted();
    return record;
}

}  // namespace

int run_bench(const bench_options& options) {
    if (options.be != bench_options::part::none) {
        return run_part(options);
    }
    if (options.action == bench_action::compare) {
        return compare_results(options);
    }
    if (options.action == bench_action::render) {
        return render_results(options);
    }
    for (const auto& wrong : {wrong_cores(options), wrong_places(options)}) {
        if (!wrong.empty()) {
            print_text(stderr, "ringway: {}\n", wrong);
            return 2;
        }
    }
    const auto record = run_tables(options);
    for (const auto& line : lab::gaps_of(record)) {
        print_text("{}\n", line);
    }
    const bool written = write_results(record, options);
    return record.interrupted ? interrupted_status : record.failures.empty() && written ? 0 : 1;
}

}  // namespace ringway::cli
