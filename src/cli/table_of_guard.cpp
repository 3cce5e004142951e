// The options of `ringway guard`.
#include <array>
#include <utility>

#include "cli/option_setters.hpp"
#include "cli/parse_guard.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
constexpr auto list = option_form::list;

using command = guard_command;
using view = std::string_view;

constexpr std::array<std::pair<view, bpf::xdp_mode>, 4> modes{
    {{"auto", bpf::xdp_mode::automatic},
     {"driver", bpf::xdp_mode::driver},
     {"generic", bpf::xdp_mode::generic},
     {"hardware", bpf::xdp_mode::hardware}}};

parsed<void> append(std::vector<guard::port_range>& to, view text) {
    const auto ports = parse_ports(text);
    if (!ports) {
        return std::unexpected{ports.error()};
    }
    to.insert(to.end(), ports->begin(), ports->end());
    return {};
}

parsed<void> set_quic_ports(command& to, view text) {
    to.firewall.quic_ports.clear();
    for (const auto part : split_list(text)) {
        const auto port = parse_number(part, 1, 65535);
        if (!port) {
            return std::unexpected{port.error()};
        }
        to.firewall.quic_ports.push_back(static_cast<std::uint16_t>(*port));
    }
    return {};
}

parsed<void> set_kept_ports(command& to, view text) {
    to.keep_given = true;
    return text == "none" ? parsed<void>{} : append(to.firewall.keep, text);
}

parsed<void> put(std::vector<std::string>& to, view text) {
    to.emplace_back(text);
    return {};
}

constexpr guard_option table[] = {
    {{.group = "Who",
      .name = "block",
      .form = list,
      .value = "FILE",
      .help = "Drop what comes from the ranges in the file: one a line, behind it \"for 10m\" or "
              "nothing; # begins a comment."},
     [](command& to, view text) { return put(to.block_files, text); }},
    {{.group = "Who",
      .name = "allow",
      .form = list,
      .value = "FILE",
      .help = "Never drop what comes from these, whatever else is said."},
     [](command& to, view text) { return put(to.allow_files, text); }},
    {{.group = "Who",
      .name = "admin",
      .form = list,
      .value = "RANGE",
      .help = "An address of the operator: always allowed, and no command takes it out. The "
              "address of the SSH session that starts the guard is one."},
     [](command& to, view text) { return put(to.admin, text); }},
    {{.group = "Who", .name = "no-admin", .form = flag, .help = "Do not look for that session."},
     [](command& to, view) {
         to.find_admin = false;
         return parsed<void>{};
     }},
    {{.group = "Where to",
      .name = "keep-port",
      .form = list,
      .value = "PORTS",
      .default_value = "tcp/22",
      .help = "Never drop what goes to these ports, whoever sends it: tcp/22,udp/51820. none: no "
              "port."},
     set_kept_ports},
    {{.group = "Where to",
      .name = "block-port",
      .form = list,
      .value = "PORTS",
      .help = "Drop what goes to these ports: tcp/23,udp/1900,tcp/6000-6063."},
     [](command& to, view text) { return append(to.firewall.block, text); }},
    {{.group = "Where to",
      .name = "quic-port",
      .value = "PORT,...",
      .default_value = "443",
      .help = "UDP ports where QUIC is spoken."},
     set_quic_ports},
    {{.group = "How much",
      .name = "rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "Packets a second from one source, an IPv4 address or an IPv6 /64."},
     [](command& to, view text) { return store(to.firewall.per_source, parse_rate(text)); }},
    {{.group = "How much",
      .name = "syn-rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "TCP connections a second that one source may begin."},
     [](command& to, view text) { return store(to.firewall.syn_per_source, parse_rate(text)); }},
    {{.group = "How much",
      .name = "syn-rate-all",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "That all sources together may begin."},
     [](command& to, view text) { return store(to.firewall.syn_all, parse_rate(text)); }},
    {{.group = "How much",
      .name = "quic-rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "QUIC Initial packets a second from one source."},
     [](command& to, view text) {
         return store(to.firewall.initial_per_source, parse_rate(text));
     }},
    {{.group = "How much",
      .name = "quic-rate-all",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "From all sources together."},
     [](command& to, view text) { return store(to.firewall.initial_all, parse_rate(text)); }},
    {{.group = "How",
      .name = "dry-run",
      .form = flag,
      .help = "Drop nothing, and count what would have been dropped."},
     [](command& to, view) {
         to.firewall.dry_run = true;
         return parsed<void>{};
     }},
    {{.group = "How",
      .name = "drop-unparsed",
      .form = flag,
      .help = "Drop packets that are cut off or have headers that make no sense, too."},
     [](command& to, view) {
         to.firewall.drop_unparsed = true;
         return parsed<void>{};
     }},
    {{.group = "How",
      .name = "no-count",
      .form = flag,
      .help = "Do not count by source: there are no top talkers then."},
     [](command& to, view) {
         to.firewall.count_sources = false;
         return parsed<void>{};
     }},
    {{.group = "How",
      .name = "mode",
      .value = "auto|driver|generic|hardware",
      .default_value = "auto",
      .help = "Where the program runs; auto: in the driver if that can."},
     [](command& to, view text) {
         return store(to.mode, parse_choice<bpf::xdp_mode>(text, modes));
     }},
    {{.group = "Telling",
      .name = "metrics",
      .value = "ADDR:PORT",
      .help = "Serve Prometheus metrics there, at /metrics."},
     [](command& to, view text) { return store_text(to.metrics, text); }},
    {{.group = "Telling",
      .name = "events",
      .value = "FILE",
      .help = "Append one of 64 drops as a line of JSON; -: to standard output."},
     [](command& to, view text) { return store_text(to.events, text); }},
    {{.group = "Telling",
      .name = "json",
      .form = flag,
      .help = "Of a command: print the guard's answer as it is."},
     [](command& to, view) {
         to.json = true;
         return parsed<void>{};
     }},
    {{.group = "Asking",
      .name = "interface",
      .letter = 'i',
      .value = "IFACE",
      .help = "Which guard is meant, where there are several."},
     [](command& to, view text) { return store_text(to.interface, text); }},
    {{.group = "Asking",
      .name = "socket",
      .value = "PATH",
      .help = "Where the guard listens, in place of /run/ringway/guard-IFACE.sock (root) or "
              "$XDG_RUNTIME_DIR/ringway/guard-IFACE.sock."},
     [](command& to, view text) { return store_text(to.socket, text); }},
    {{.group = "Asking",
      .name = "for",
      .value = "TIME",
      .help = "How long what is added stays: 30s, 10m, 12h, 7d. Without it: as long as the guard "
              "runs."},
     [](command& to, view text) { return store_text(to.lifetime, text); }},
    {{.group = "Asking",
      .name = "top",
      .value = "N",
      .default_value = "10",
      .help = "How many sources stats names."},
     [](command& to, view text) { return store(to.top, parse_number(text, 0, 1000)); }},
};

}  // namespace

std::span<const guard_option> guard_option_table() { return table; }

}  // namespace ringway::cli
