#include "cli/pages.hpp"
#include "cli/parse_guard.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"COMMANDS",
         {"IFACE, or run IFACE, guards the interface until a signal ends it. SIGHUP reads the "
          "files of the lists anew. Whatever ends the process, kill -9 too, the interface is as it "
          "was before: the kernel detaches the program.",
          "status tells how the guard was started and what is in force; stats what was passed and "
          "dropped and why, and who sends most; list allow|block the entries, with hits and the "
          "time left.",
          "add and del change a list: add block 192.0.2.0/24 --for 10m. load reads the files of "
          "the "
          "lists anew, or those of --allow and --block in their place. A mistake in a file is told "
          "with the number of its line, and the lists in force stay. Entries that commands and "
          "bans have added stay too."}},
        {"WHAT IS DROPPED",
         {"In this order: packets that are no IP, neighbour discovery, answers to a DHCP client "
          "and "
          "what goes to a kept port pass. What comes from the allow list passes. What comes from "
          "the block list is dropped, then what goes to a blocked port, then what exceeds a limit. "
          "Later fragments have no ports; they follow the lists and the limit of their source.",
          "Sources are counted by a count-min sketch, whatever their number: what stats says of a "
          "source is never too low, and too high by the error bound at most, with a probability of "
          "98 %. Packets that a list or a port decides are not among it. Beyond 524,288 packets a "
          "second on a processor one of 16 counts for 16, unless "
          "sources have limits of their own: one source of 700 may be told too low then. A source "
          "gets token buckets only when it has sent four packets within a second, more in a flood, "
          "but before it has sent half of what a limit lets through; so the many sources of a "
          "flood do not drive out the others."}},
        {"PRIVILEGES",
         {"Root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. The socket of the guard is for root "
          "and "
          "for the user who started it."}},
        {"EXIT STATUS",
         {"0 after a clean end, 1 after a failure or a refusal of the guard, 2 when the command "
          "line makes no sense."}},
        {"EXAMPLES",
         {"What would be dropped on eth0:", "$ ringway guard eth0 --block bad.txt --dry-run",
          "In earnest, with limits and metrics:",
          "$ ringway guard eth0 --block bad.txt --syn-rate 100 --metrics 127.0.0.1:9101",
          "Out with one for ten minutes:", "$ ringway guard add block 192.0.2.7 --for 10m",
          "Who sends most:", "$ ringway guard stats"}},
        {"SEE ALSO", {"ringway(1), ringway-serve(1)"}}};
}

}  // namespace

const command_page& guard_page() {
    static const command_page page{
        .name = "ringway guard",
        .summary = "a firewall before the network stack, by XDP",
        .synopsis = "ringway guard [run|status|stats|list|add|del|load] [ARGUMENT]...",
        .description =
            {"Drops unwanted packets before the kernel has allocated anything for them: by their "
             "source, their port, or how many there are. ringway guard IFACE starts it, the other "
             "commands ask and change a guard that runs.",
             "SSH (tcp/22) and the address that the operator comes from are never dropped unless "
             "said otherwise."},
        .options = options_of(guard_option_table()),
        .sections = sections(),
        .help_ending = "ringway-guard(1) tells in which order things are decided.",
    };
    return page;
}

}  // namespace ringway::cli
