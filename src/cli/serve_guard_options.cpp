// The rows of --guard: the firewall in front of the server.
#include "cli/parse_guard.hpp"
#include "cli/serve_option_groups.hpp"

namespace ringway::cli {
namespace {

using options = serve_options;
using view = std::string_view;
using namespace rows;

parsed<void> put(std::string& to, view text) {
    to = text;
    return {};
}

parsed<void> put(std::vector<std::string>& to, view text) {
    to.emplace_back(text);
    return {};
}

// Kept as text, once it has been understood.
parsed<void> put_rate(std::string& to, view text) {
    const auto read = parse_rate(text);
    return read ? put(to, text) : std::unexpected{read.error()};
}

parsed<void> set_ban(options& to, view text) {
    const auto length = parse_duration(text);
    if (!length) {
        return std::unexpected{length.error()};
    }
    to.guard.ban = std::chrono::ceil<std::chrono::seconds>(*length);
    return {};
}

constexpr serve_option guarding[] = {
    {{.group = "Firewall",
      .name = "guard",
      .value = "IFACE",
      .help = "Put a firewall (ringway-guard(1)) in front of the server, at this interface. It "
              "starts before anybody is listened to and ends with the server. Needs root, or the "
              "capabilities that are named where they are missing."},
     [](options& to, view text) { return put(to.guard.interface, text); }},
    {{.group = "Firewall",
      .name = "guard-ban",
      .value = "TIME",
      .default_value = "10m",
      .help = "How long a client is banned that misbehaves again and again; off: not at all."},
     set_ban},
    {{.group = "Firewall",
      .name = "guard-threshold",
      .value = "N",
      .default_value = "10",
      .help = "How often in a minute that is: what ringway_protocol_abuse_total counts, where the "
              "address is proven."},
     [](options& to, view text) {
         return store(to.guard.threshold, parse_number(text, 1, 1'000'000));
     }},
    {{.group = "Firewall",
      .name = "guard-socket",
      .value = "PATH",
      .help = "Where \"ringway guard status\" and the others reach it, if not at "
              "/run/ringway/guard-IFACE.sock: for interfaces of one name in several network "
              "namespaces."},
     [](options& to, view text) { return put(to.guard.socket, text); }},
    {{.group = "Firewall",
      .name = "guard-block",
      .form = list,
      .value = "FILE",
      .help = "Ranges to block, one a line."},
     [](options& to, view text) { return put(to.guard.block_files, text); }},
    {{.group = "Firewall",
      .name = "guard-allow",
      .form = list,
      .value = "FILE",
      .help = "Ranges that are never blocked, banned or limited."},
     [](options& to, view text) { return put(to.guard.allow_files, text); }},
    {{.group = "Firewall",
      .name = "guard-admin",
      .form = list,
      .value = "RANGE",
      .help = "An address of the operator, allowed always."},
     [](options& to, view text) { return put(to.guard.admin, text); }},
    {{.group = "Firewall",
      .name = "guard-rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "Packets a second from one source."},
     [](options& to, view text) { return put_rate(to.guard.rate, text); }},
    {{.group = "Firewall",
      .name = "guard-syn-rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "TCP connections a second that one source may begin."},
     [](options& to, view text) { return put_rate(to.guard.syn_rate, text); }},
    {{.group = "Firewall",
      .name = "guard-quic-rate",
      .value = "N[/BURST]",
      .default_value = "off",
      .help = "QUIC connections a second that one source may begin."},
     [](options& to, view text) { return put_rate(to.guard.quic_rate, text); }},
    {{.group = "Firewall",
      .name = "guard-dry-run",
      .form = flag,
      .help = "Count what would be dropped, and drop nothing."},
     [](options& to, view text) { return store(to.guard.dry_run, parse_switch(text)); }},
};

}  // namespace

std::span<const serve_option> serve_guard_rows() { return guarding; }

}  // namespace ringway::cli
