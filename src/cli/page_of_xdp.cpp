#include <vector>

#include "cli/command_page.hpp"
#include "cli/options_of_xdp.hpp"
#include "cli/pages.hpp"

namespace ringway::cli {
namespace {

std::vector<page_section> sections() {
    return {
        {"COMMANDS",
         {"drop, pass: drop what EXPRESSION means, or count it, in the kernel.",
          // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): paragraphs of several lines.
          "reflect: send it back to its sender from within the driver, with addresses and ports "
          "exchanged; echo requests become replies. Each turn costs a hop.",
          "respond: answer ARP, neighbour solicitations, echo requests and datagrams to --port, "
          "for the interface's addresses, by an AF_XDP socket.",
          "forward: send it out of the other interface, in both directions, unchanged. What "
          "EXPRESSION does not mean stays with the network stack.",
          "gen: send datagrams of IPv4 or IPv6 to --to, at a rate, from one or many sources.",
          "ping: measure the round trip to something that sends datagrams back (reflect, respond, "
          "any echo service), each when the one before was answered, and show how the times are "
          "distributed.",
          "capture: write what EXPRESSION means to a file, or a line for each; the packets go on "
          "their way. Those that the interface sends are seen as the network stack hands them "
          "over: segments and checksums that are left to the card are not there yet.",
          "status: which interfaces have an XDP program, whose, in which mode, and what their "
          "drivers can do."}},
        {"EXPRESSIONS",
         {"tcp, udp, sctp, icmp, icmp6, arp, ip, ip6, vlan [ID], proto N, [src|dst] port N[-N], "
          "[src|dst] [host|net] ADDRESS[/BITS], less BYTES, greater BYTES, combined by and, or, "
          "not and parentheses. Without src and dst either side will do.",
          "All but capture decide in the kernel: there no not, vlan, less, greater and ranges of "
          "ports. Without an expression every packet is meant."}},
        {"WHAT IS LEFT ALONE",
         {"A program that is attached already is never replaced: it is named, and nothing is done. "
          "Ours is gone when the process is, however it ended. What no expression means goes to "
          "the network stack as before.",
          "Where the dispatcher of libxdp runs programs, ours joins them, and leaves them when it "
          "ends. Killed after others have changed what runs there it stays, until xdp-loader(8) "
          "unloads it.",
          "On the interface of the default route drop, reflect and forward want an expression, "
          "or --force."}},
        {"PRIVILEGES",
         {"Root, or cap_bpf, cap_net_admin, cap_perfmon and, but for drop, pass, reflect and "
          "capture, cap_net_raw: sudo setcap "
          "cap_bpf,cap_net_admin,cap_net_raw,cap_perfmon=ep /usr/bin/ringway"}},
        {"EXIT STATUS",
         {"0 it was done; 1 it could not be, the interface went away, or ping had no answer: a "
          "line on standard error says why; 2 the command line makes no sense."}},
        {"EXAMPLES",
         {"Drop a flood, for ten minutes:",
          "$ ringway xdp drop eth0 -d 10m udp and dst port 53 and src 198.51.100.0/24",
          "Capture DNS for Wireshark:", "$ ringway xdp capture eth0 -w dns.pcapng port 53",
          "The latency of a link: on one side, then on the other",
          "$ ringway xdp reflect eth1 udp and dst port 7",
          "$ ringway xdp ping eth1 --to 10.77.0.1:7",
          "A million packets per second from 60000 sources:",
          "$ ringway xdp gen eth1 --to 10.77.0.1:9 --from 10.128.0.0/9 --sources 60000 --rate 1M"}},
        {"SEE ALSO", {"ringway(1), ip-link(8), ethtool(8)"}}};
}

}  // namespace

const command_page& xdp_page() {
    static const command_page page = [] {
        return command_page{
            .name = "ringway xdp",
            .summary = "handle packets before the network stack",
            .synopsis = "ringway xdp COMMAND [OPTION]... [INTERFACE [INTERFACE]] [EXPRESSION]",
            .description =
                {"COMMAND is drop, pass, reflect, respond, forward (between two interfaces), gen, "
                 "ping, capture or status. Packets are handled by an XDP program in the kernel, "
                 "or by AF_XDP sockets on all queues of the interface.",
                 "TIME is 500ms, 10s, 5m, 1h or a number of seconds."},
            .options = options_of(xdp_option_table()),
            .sections = sections(),
            .help_ending =
                "Defaults stand in brackets. ringway-xdp(1) tells the commands and the "
                "expressions.",
        };
    }();
    return page;
}

}  // namespace ringway::cli
