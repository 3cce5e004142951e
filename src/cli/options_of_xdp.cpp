#include "cli/options_of_xdp.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/bpf/xdp_link.hpp>
#include <ringway/xdp/socket.hpp>

#include "cli/command_page.hpp"
#include "cli/driver_option.hpp"
#include "cli/option_setters.hpp"
#include "cli/value_parsers.hpp"
#include "cli/xdp_options.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
using options = xdp_options;
using view = std::string_view;

constexpr std::array<std::pair<view, xdp_verb>, 9> verbs{{{"drop", xdp_verb::drop},
                                                          {"pass", xdp_verb::pass},
                                                          {"reflect", xdp_verb::reflect},
                                                          {"respond", xdp_verb::respond},
                                                          {"forward", xdp_verb::forward},
                                                          {"gen", xdp_verb::gen},
                                                          {"ping", xdp_verb::ping},
                                                          {"capture", xdp_verb::capture},
                                                          {"status", xdp_verb::status}}};
constexpr std::array<std::pair<view, bpf::xdp_mode>, 4> modes{
    {{"auto", bpf::xdp_mode::automatic},
     {"driver", bpf::xdp_mode::driver},
     {"generic", bpf::xdp_mode::generic},
     {"hardware", bpf::xdp_mode::hardware}}};
constexpr std::array<std::pair<view, xdp_direction>, 3> directions{
    {{"both", xdp_direction::both}, {"in", xdp_direction::in}, {"out", xdp_direction::out}}};

constexpr unsigned of_sockets = bit_of(xdp_verb::respond) | bit_of(xdp_verb::forward) |
                                bit_of(xdp_verb::gen) | bit_of(xdp_verb::ping);
constexpr unsigned of_senders = bit_of(xdp_verb::gen) | bit_of(xdp_verb::ping);
constexpr unsigned of_all_but_status = 0xff;

parsed<void> set_queue(options& to, view text) {
    if (text == "all") {
        to.queue = -1;
        return {};
    }
    return store(to.queue, parse_number(text, 0, 255));
}

parsed<void> set_interval(options& to, view text) {
    const auto read = parse_seconds(text);
    if (read && to.verb != xdp_verb::ping && read->count() == 0) {
        return std::unexpected{std::string{"reports need a time between them: 1s"}};
    }
    return store(to.interval, read);
}

constexpr xdp_option what[] = {
    {{.group = "How packets are reached",
      .name = "mode",
      .value = "MODE",
      .default_value = "auto",
      .help = "driver (in the driver of the interface), generic (in the network stack, works "
              "everywhere), hardware, or auto: driver where it can, else generic. What was "
              "obtained is told."},
     [](options& to, view text) {
         return store(to.mode, parse_choice<bpf::xdp_mode>(text, modes));
     },
     of_all_but_status},
    {{.group = "How packets are reached",
      .name = "queue",
      .value = "N|all",
      .default_value = "all",
      .help = "One receive queue only; packets of the others go to the network stack."},
     set_queue,
     of_sockets},
    {{.group = "How packets are reached",
      .name = "zero-copy",
      .form = flag,
      .help = "Fail where the driver can't do without copying, instead of copying."},
     [](options& to, view) {
         to.copying = xdp::copy_mode::zero_copy;
         return parsed<void>{};
     },
     of_sockets},
    {{.group = "How packets are reached",
      .name = "copy",
      .form = flag,
      .help = "Copy even where the driver can do without."},
     [](options& to, view) {
         to.copying = xdp::copy_mode::copy;
         return parsed<void>{};
     },
     of_sockets},
    {{.group = "How packets are reached",
      .name = "busy-poll",
      .value = "US",
      .default_value = "0",
      .help = "Do the interface's work in this process, without interrupts, for so many "
              "microseconds at a time: highest rate, one core always busy."},
     [](options& to, view text) { return store(to.busy_poll_us, parse_number(text, 0, 1000)); },
     of_sockets},
    {{.group = "How packets are reached",
      .name = "moderation",
      .value = "US",
      .default_value = "50",
      .help = "In a flood let packets gather for so many microseconds at most instead of being "
              "woken for each few; 0: never. Less work, more latency."},
     [](options& to, view text) { return store(to.moderation_us, parse_number(text, 0, 10'000)); },
     of_sockets},
    {{.group = "How packets are reached",
      .name = "frame-bytes",
      .value = "2048|4096",
      .default_value = "4096",
      .help = "Size of the pieces that packets are received in."},
     [](options& to, view text) {
         const auto read = parse_number(text, 2048, 4096);
         if (read && *read != 2048 && *read != 4096) {
             return parsed<void>{std::unexpected{std::string{"2048 or 4096"}}};
         }
         return store(to.frame_bytes, read);
     },
     of_sockets},
    {{.group = "How packets are reached",
      .name = "force",
      .form = flag,
      .help = "Take every packet of the interface that carries the default route, though your "
              "own session may be among them."},
     [](options& to, view text) { return store(to.force, parse_switch(text)); },
     of_all_but_status},
};

constexpr xdp_option how_long[] = {
    {{.group = "How long",
      .name = "duration",
      .letter = 'd',
      .value = "TIME",
      .default_value = "off",
      .help = "End after this time instead of by a signal."},
     [](options& to, view text) { return store(to.duration, parse_seconds(text)); },
     of_all_but_status},
    {{.group = "How long",
      .name = "count",
      .letter = 'c',
      .value = "N",
      .help = "End after so many packets; ping: 10000 if not given."},
     [](options& to, view text) {
         return store(to.count, parse_number(text, 1, std::uint64_t{1} << 60U));
     },
     of_senders | bit_of(xdp_verb::capture)},
    {{.group = "How long",
      .name = "interval",
      .letter = 'i',
      .value = "TIME",
      .default_value = "1s",
      .help = "Between two reports; of ping between two packets, there 0 if not given: the next "
              "one follows the answer."},
     set_interval,
     of_all_but_status},
};

constexpr xdp_option sent[] = {
    {{.group = "What is sent",
      .name = "to",
      .value = "ADDRESS[:PORT]",
      .help = "Where datagrams go: 192.0.2.1:9, [2001:db8::1]:9. The port is 7 if not given."},
     [](options& to, view text) { return store_text(to.to, text); },
     of_senders},
    {{.group = "What is sent",
      .name = "from",
      .value = "ADDRESS[/BITS]",
      .help = "From where, instead of the interface's own address; with --sources from addresses "
              "of this prefix."},
     [](options& to, view text) { return store_text(to.from, text); },
     of_senders},
    {{.group = "What is sent",
      .name = "mac",
      .value = "MAC",
      .help = "Hardware address of the next hop; else the one that the system knows for --to."},
     [](options& to, view text) { return store_text(to.mac, text); },
     of_senders},
    {{.group = "What is sent",
      .name = "sources",
      .value = "N",
      .default_value = "1",
      .help = "From so many sources in turn: addresses with a prefix in --from, else ports."},
     [](options& to, view text) { return store(to.sources, parse_number(text, 1, 1U << 24U)); },
     bit_of(xdp_verb::gen)},
    {{.group = "What is sent",
      .name = "rate",
      .letter = 'r',
      .value = "N",
      .default_value = "0",
      .help = "Packets per second, with K or M for thousands; 0: as many as go."},
     [](options& to, view text) {
         const char unit = text.empty() ? '\0' : text.back();
         const std::uint64_t factor = unit == 'K' || unit == 'k'   ? 1000
                                      : unit == 'M' || unit == 'm' ? 1'000'000
                                                                   : 1;
         const auto read = parse_number(factor == 1 ? text : text.substr(0, text.size() - 1), 0,
                                        1'000'000'000 / factor);
         return read ? store(to.rate, parsed<std::uint64_t>{*read * factor}) : store(to.rate, read);
     },
     bit_of(xdp_verb::gen)},
    {{.group = "What is sent",
      .name = "size",
      .letter = 's',
      .value = "BYTES",
      .default_value = "60",
      .help = "Length of each frame, without its checksum: 60 to the MTU and 14, 4096 at most."},
     [](options& to, view text) { return store(to.size, parse_number(text, 60, 4096)); },
     of_senders},
};

constexpr xdp_option answered[] = {
    {{.group = "What is answered",
      .name = "address",
      .letter = 'a',
      .form = option_form::list,
      .value = "ADDRESS",
      .help = "Answer for this address instead of those of the interface."},
     [](options& to, view text) {
         to.addresses.emplace_back(text);
         return parsed<void>{};
     },
     bit_of(xdp_verb::respond)},
    {{.group = "What is answered",
      .name = "port",
      .value = "PORT",
      .default_value = "7",
      .help = "Datagrams to this port go back to their sender."},
     [](options& to, view text) { return store(to.port, parse_number(text, 1, 65535)); },
     bit_of(xdp_verb::respond)},
};

constexpr xdp_option captured[] = {
    {{.group = "What is captured",
      .name = "write",
      .letter = 'w',
      .value = "FILE",
      .help = "Write packets to this file, in pcapng; - is standard output. Without it a line "
              "tells each."},
     [](options& to, view text) { return store_text(to.write, text); },
     bit_of(xdp_verb::capture)},
    {{.group = "What is captured",
      .name = "snaplen",
      .value = "BYTES",
      .default_value = "9216",
      .help = "Of each packet at most."},
     [](options& to, view text) { return store(to.snaplen, parse_number(text, 64, 9216)); },
     bit_of(xdp_verb::capture)},
    {{.group = "What is captured",
      .name = "direction",
      .value = "in|out|both",
      .default_value = "both",
      .help = "What the interface receives, or sends (Linux 6.6; frames of AF_XDP and of XDP "
              "programs are not among those)."},
     [](options& to, view text) {
         to.direction_given = true;
         return store(to.direction, parse_choice<xdp_direction>(text, directions));
     },
     bit_of(xdp_verb::capture)},
    {{.group = "What is captured",
      .name = "hints",
      .form = flag,
      .help = "Ask the card what it knows of what it receives: when by its own clock, the hash, "
              "the VLAN tag that it took out, which is put back (Linux 6.3, tags 6.8; status "
              "tells what a driver offers)."},
     [](options& to, view text) { return store(to.hints, parse_switch(text)); },
     bit_of(xdp_verb::capture)},
};

constexpr xdp_option told[] = {
    {{.group = "What is told",
      .name = "json",
      .form = flag,
      .help = "One JSON object per line on standard output."},
     [](options& to, view text) { return store(to.json, parse_switch(text)); }},
    {{.group = "What is told",
      .name = "quiet",
      .letter = 'q',
      .form = flag,
      .help = "No reports on the way, only the result."},
     [](options& to, view text) { return store(to.quiet, parse_switch(text)); },
     of_all_but_status},
    {{.group = "What is told",
      .name = "metrics",
      .value = "ADDR:PORT",
      .help = "Serve Prometheus metrics there, at /metrics: packets by verdict, and of each "
              "AF_XDP socket its packets, drops and wake-ups."},
     [](options& to, view text) { return store_text(to.metrics, text); },
     of_all_but_status},
    {driver_option_text("What is told"), set_driver<options>, of_all_but_status},
};

}  // namespace

std::span<const xdp_option> xdp_option_table() {
    static const auto table = [] {
        std::vector<xdp_option> all;
        for (const std::span<const xdp_option> group :
             {std::span<const xdp_option>{what}, std::span<const xdp_option>{how_long},
              std::span<const xdp_option>{sent}, std::span<const xdp_option>{answered},
              std::span<const xdp_option>{captured}, std::span<const xdp_option>{told}}) {
            all.insert(all.end(), group.begin(), group.end());
        }
        return all;
    }();
    return table;
}

std::string_view name_of(xdp_verb verb) noexcept {
    return verbs[static_cast<std::size_t>(verb)].first;
}

parsed<xdp_verb> parse_xdp_verb(std::string_view word) {
    return parse_choice<xdp_verb>(word, verbs);
}

}  // namespace ringway::cli
