#include "cli/pages.hpp"
#include "cli/parse_top.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"VIEWS",
         // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): paragraphs of several lines.
         {"connections: TCP connections of all network namespaces, with throughput, round-trip "
          "time, retransmissions, age, process and container (or systemd unit).",
          "sources: who sends packets to this machine, by interface, as counted when they are "
          "received. A packet that crosses several interfaces (a bridge, a container's) counts at "
          "each.",
          "drops: packets that the kernel dropped, with its reason, the function that did it, and "
          "the last one's addresses.",
          "connects: connects that failed, why, how long that took and whose they were; how long "
          "those that succeeded took.",
          "queues: listening sockets with what waits to be accepted, and UDP sockets; what they "
          "dropped.",
          "io_uring: operations by kind, and the time from submission to completion of one in 64.",
          "programs: what the BPF programs of this machine cost, those of top among them; in a "
          "tenth "
          "of the time, because taking their times costs as much as a short program."}},
        {"KEYS",
         {"1 to 7, Tab: the views. s, S: sort by the next or previous column. r: reverse. /: "
          "filter, Enter keeps it, Escape drops it. p: pause. Arrows, Page Up and Page Down: "
          "scroll. ?: help. q: quit."}},
        {"COST AND LOSSES",
         {"No packet is copied, and nothing is attached to an interface. Per TCP connection a few "
          "hundred nanoseconds to microseconds, per received packet some tens of nanoseconds (none "
          "without the view sources), per operation of io_uring likewise. The kernel ends all of "
          "it with the process, however that ends.",
          "Every table that can fill up and the ring that can overflow count what they could not "
          "take. The last line but one of the screen, \"lost\" in JSON and ringway_top_lost_total "
          "tell it, with the option that gives more room."}},
        {"PRIVILEGES",
         {"root, or CAP_BPF and CAP_PERFMON. CAP_SYS_ADMIN to look into other network namespaces "
          "and to take the cost of programs; CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH help to name "
          "the containers of other users' processes. A view that lacks something says so in its "
          "place, the others work."}},
        {"EXIT STATUS",
         {"0 after a clean end, 1 when it could not look or write, 2 when the command line makes "
          "no sense."}},
        {"EXAMPLES",
         {"What is slow or lossy:", "$ ringway top --sort retransmits --filter 'state=estab'",
          "Who gets refused, once:", "$ ringway top --once --view connects",
          "For a script:", "$ ringway top --once --json --view drops",
          "As a service, with a record of every connection:",
          "$ ringway top --prometheus 127.0.0.1:9435 --flows /var/log/flows.jsonl"}},
        {"SEE ALSO", {"ringway(1), ss(8), bpftool(8)"}}};
}

}  // namespace

const command_page& top_page() {
    static const command_page page{
        .name = "ringway top",
        .summary = "watch the network of this machine from inside the kernel",
        .synopsis = "ringway top [OPTION]...",
        .description = {"Shows connections, sources of packets, drops with their reasons, failed "
                        "connects, accept queues, operations of io_uring and the cost of BPF "
                        "programs, by process and container; on a screen, as text, as JSON, for "
                        "Prometheus, and a record of every connection.",
                        "TIME is 500ms, 10s, 5m or a number of seconds; SIZE is a number of bytes, "
                        "or one with K or M."},
        .options = options_of(top_option_table()),
        .sections = sections(),
        .help_ending = "Defaults stand in brackets. ringway-top(1) has views, keys and examples.",
    };
    return page;
}

}  // namespace ringway::cli
