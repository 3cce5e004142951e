#include "cli/doctor_option_table.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"TOPICS",
         {"serving, technologies, io_uring, files, tls, network, xdp, bpf, confinement, limits. "
          "Everything is tried whichever are named; the others are not printed."}},
        {"ADVICE",
         {"ringway doctor advise USE recommends runtime, protocol, I/O and tuning for web-api, "
          "file-server, media (real-time media and games), iot or trading, with the reason for "
          "each. What this machine can't do is not recommended, but told with the command that "
          "would change it. --describe replaces the typical numbers of USE; without USE all "
          "that counts are the numbers.",
          // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): paragraphs of several lines.
          "size is that of an answer, a file or a message; rate those in a second; latency what 99 "
          "of 100 must not exceed; loss that of packets on the way to clients; clients those "
          "connected at the same time.",
          "Figures come from what ringway bench has measured here: --results FILE, or "
          "$XDG_STATE_HOME/ringway/bench.json, which is written by:",
          "$ mkdir -p ~/.local/state/ringway",
          "$ ringway bench all --json ~/.local/state/ringway/bench.json"}},
        {"ENVIRONMENT",
         {"RINGWAY_DRIVER is respected as by ringway serve. NO_COLOR, when it is not empty, turns "
          "colours off; they are used on a terminal only."}},
        {"EXIT STATUS",
         {"0 ringway serve will run at full strength; 1 it will run with less, or whether it will "
          "could not be found out, or the advice could not be given; 2 the command line makes no "
          "sense. Advice: 0 when it was given."}},
        {"EXAMPLES",
         {"$ ringway doctor", "$ ringway doctor io_uring network --verbose",
          "$ ringway doctor --fix", "$ ringway doctor --json | jq .serve",
          "$ sudo ringway doctor --interface eth0 --try", "$ ringway doctor advise file-server",
          "$ ringway doctor advise iot --describe clients=1M,loss=5%"}},
        {"SEE ALSO", {"ringway(1), ringway-serve(1), ringway-bench(1)"}}};
}

}  // namespace

const command_page& doctor_page() {
    static const command_page page = [] {
        command_page made{
            .name = "ringway doctor",
            .summary = "tell what this machine can do, and what to use it for",
            .synopsis =
                "ringway doctor [OPTION]... [TOPIC]...\n"
                "       ringway doctor advise [OPTION]... [USE]",
            .description =
                {"Tries every kernel feature that Ringway uses, or that others are measured by, "
                 "and tells for each: yes, partial, no or unknown; how it was found out; the first "
                 "kernel that has it; and the command that would change it.",
                 "Nothing is left behind and no real interface is touched. Root is not needed, but "
                 "more can be tried with it. It takes less than 3 seconds."},
            .options = {},
            .sections = sections(),
            .help_ending =
                "ringway doctor advise tells what to use for what: see "
                "ringway-doctor(1).",
        };
        made.options = options_of(doctor_option_table());
        return made;
    }();
    return page;
}

}  // namespace ringway::cli
