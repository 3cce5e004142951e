#include "cli/bench.hpp"

#include <cstdio>
#include <fmt/core.h>
#include <utility>

#include <ringway/base/assert.hpp>

#include "cli/bench_measured.hpp"
#include "cli/bench_quic.hpp"
#include "cli/bench_results.hpp"
#include "cli/bench_tables.hpp"
#include "lab/bench_parts.hpp"
#include "lab/probe.hpp"

namespace ringway::cli {
namespace {

int run_part(const bench_options& options) {
    using part = bench_options::part;
    if (options.be == part::probe) {
        const auto probe = lab::from_arguments(options.part_arguments);
        return probe ? lab::run_probe(*probe) : 2;
    }
    return options.be == part::server ? lab::run_bench_server(options.part_arguments)
                                      : lab::run_bench_load(options.part_arguments);
}

bool run_table(const bench_table& table, const bench_options& options,
               lab::bench_run_record& record) {
    return table.experiments != nullptr ? run_quic_table(table, options, record.reports)
                                        : run_measured_table(table, options, record);
}

// The user's Ctrl-C is as the shell tells it.
constexpr int interrupted_status = 130;

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
    if (const auto wrong = wrong_cores(options); !wrong.empty()) {
        fmt::print(stderr, "ringway: {}\n", wrong);
        return 2;
    }
    auto record = begin_record(options);
    bool all_ran = true;
    if (options.table == all_tables) {
        for (const auto& table : bench_tables()) {
            all_ran = (interrupted() || run_table(table, options, record)) && all_ran;
        }
    } else {
        const auto* const table = find_bench_table(options.table);
        RW_ASSERT(table != nullptr);
        all_ran = run_table(*table, options, record);
    }
    all_ran = write_results(record, options) && all_ran;
    return interrupted() ? interrupted_status : all_ran ? 0 : 1;
}

}  // namespace ringway::cli
