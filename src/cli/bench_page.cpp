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
            for (const auto& one : table.experiments()) {
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
    static const command_page page = [] {
        command_page made{
            .name = "ringway bench",
            .summary = "measure protocols over an impaired path on this machine",
            .synopsis = "ringway bench [OPTION]... TABLE [EXPERIMENT]...",
            .description =
                {"Runs ringway serve and ringway get in two network namespaces of this machine, "
                 "whose only connection is a path that delays, limits, loses, reorders and "
                 "rewrites packets, for TCP and UDP alike, and prints what was measured. Nothing "
                 "leaves the machine, and nothing is left over.",
                 "Without EXPERIMENT it runs all of TABLE."},
            .options = {},
            .sections =
                {{"EXPERIMENTS", {list_of_experiments()}},
                 {"REQUIREMENTS",
                  {"Network namespaces and /dev/net/tun. Root is not needed where unprivileged "
                   "user "
                   "namespaces are allowed and /dev/net/tun is open to all; where it is not so, "
                   "the "
                   "command says what to do. With root the relay has real-time priority and is "
                   "more punctual."}},
                 {"EXIT STATUS",
                  {"0 after success, 1 when an experiment could not be run, 2 when the command "
                   "line makes no sense."}},
                 {"EXAMPLES",
                  {"$ ringway bench quic --list", "$ ringway bench quic handshake --quick",
                   "$ ringway bench quic --out results"}},
                 {"SEE ALSO", {"ringway(1), ringway-serve(1), ringway-get(1)"}}},
            .help_ending = "ringway bench TABLE --list tells the experiments of a table.",
        };
        for (const auto& row : bench_option_table()) {
            made.options.push_back(row.text);
        }
        made.options.push_back({.group = "Help",
                                .name = "help",
                                .letter = 'h',
                                .form = option_form::flag,
                                .help = "Print this."});
        return made;
    }();
    return page;
}

}  // namespace ringway::cli
