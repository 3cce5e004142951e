#include <fmt/core.h>
#include <string>

#include "cli/bench_option_table.hpp"
#include "cli/bench_tables.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

// One paragraph for each table, with its experiments.
const std::string& list_of_experiments() {
    static const std::string text = [] {
        std::string all;
        for (const auto& table : bench_tables()) {
            all += fmt::format("{} ({}): ", table.name, table.summary);
            std::string_view between;
            for (const auto& one : table.entries()) {
                all += fmt::format("{}{} ({})", between, one.name, one.summary);
                between = "; ";
            }
            all += ". ";
        }
        all.pop_back();
        return all;
    }();
    return text;
}

}  // namespace

const command_page& bench_page() {
    static const command_page page{
        .name = "ringway bench",
        .summary = "measure this machine, this program and others on it",
        .synopsis = "ringway bench [OPTION]... TABLE [EXPERIMENT]...",
        .description =
            {"Measures ways to move bytes, servers and protocols on this machine, and prints "
             "latencies, rates, processor time and system calls per operation, with the "
             "tutorial's claims beside them. Without EXPERIMENT it runs all of TABLE; TABLE "
             "all is every table. An experiment that can't be run, or breaks off, is told and "
             "the others go on. After Ctrl-C the files hold what was measured until then, and "
             "say so.",
             "What is compared is measured in interleaved rounds; shown are medians, and the "
             "ratios with 95 % bootstrap intervals. Servers are processes of their own, on "
             "another core than the load.",
             "The table quic runs ringway serve and ringway get in two network namespaces of "
             "this machine, whose only connection is a path that delays, limits, loses, "
             "reorders and rewrites packets, for TCP and UDP alike. Nothing leaves the "
             "machine, and nothing is left over.",
             "ringway bench compare A.json B.json tells what changed beyond the noise between "
             "two runs with --json. ringway bench render FILE.json makes --html and "
             "--markdown of an earlier run, or prints its tables."},
        .options = options_of(bench_option_table()),
        .sections =
            {{"EXPERIMENTS", {list_of_experiments()}},
             {"REQUIREMENTS",
              {"For quic: network namespaces and /dev/net/tun. Root is not needed where "
               "unprivileged "
               "user "
               "namespaces are allowed and /dev/net/tun is open to all; where it is not so, "
               "the "
               "command says what to do. With root the relay has real-time priority and is "
               "more punctual.",
               "For the others: two cores. System calls are counted where the kernel has the "
               "tracepoint raw_syscalls and lets us read it (root, or CAP_PERFMON and "
               "tracefs); without, the column shows a dash and the report says why. 10,000 "
               "connections need as many descriptors (ulimit -n)."}},
             {"EXIT STATUS",
              {"0 after success, 1 when an experiment could not be run, 2 when the command "
               "line makes no sense, 130 when it was interrupted. compare: 0 when nothing "
               "is worse, 1 when something is, 2 when the runs can't be compared."}},
             {"EXAMPLES",
              {"$ ringway bench quic --list", "$ ringway bench quic handshake --quick",
               "$ ringway bench quic --out results",
               "$ ringway bench net echo --connections 64,1000 --json a.json --html a.html",
               "$ ringway bench compare a.json b.json"}},
             {"SEE ALSO", {"ringway(1), ringway-serve(1), ringway-get(1)"}}},
        .help_ending = "ringway bench TABLE --list tells the experiments of a table.",
    };
    return page;
}

}  // namespace ringway::cli
