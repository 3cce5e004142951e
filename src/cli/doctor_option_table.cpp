#include "cli/doctor_option_table.hpp"

#include <fmt/core.h>
#include <net/if.h>

#include "cli/option_setters.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;

using options = doctor_options;
using view = std::string_view;

parsed<void> set_time(options& to, view value) {
    constexpr std::chrono::milliseconds least{500};
    constexpr std::chrono::milliseconds most{600'000};
    const auto read = parse_seconds(value);
    if (!read) {
        return std::unexpected{read.error()};
    }
    if (*read < least || *read > most) {
        return std::unexpected{fmt::format("\"{}\" is not from 500ms to 10m", value)};
    }
    to.time = *read;
    return {};
}

parsed<void> set_interface(options& to, view value) {
    if (::if_nametoindex(std::string{value}.c_str()) == 0) {
        return std::unexpected{
            fmt::format("there is no interface \"{}\" here (ip link lists them)", value)};
    }
    to.interface = value;
    return {};
}

constexpr doctor_option all[] = {
    {{.group = "Output",
      .name = "json",
      .form = flag,
      .help = "Everything as one JSON object; docs/guide/doctor.md has its members."},
     [](options& to, view text) { return store(to.json, parse_switch(text)); }},
    {{.group = "Output",
      .name = "fix",
      .form = flag,
      .help = "Print only the commands that would help ringway serve, one on a line. None is run."},
     [](options& to, view text) { return store(to.commands_only, parse_switch(text)); }},
    {{.group = "Output",
      .name = "verbose",
      .letter = 'v',
      .form = flag,
      .help = "Tell for each row why it matters."},
     [](options& to, view text) { return store(to.verbose, parse_switch(text)); }},
    {{.group = "Trials",
      .name = "timeout",
      .value = "TIME",
      .default_value = "2500ms",
      .help = "End the trials after it, 500ms to 10m; a single one after a fifth of it. What there "
              "was no time for is unknown."},
     set_time},
    {{.group = "Interfaces",
      .name = "interface",
      .value = "NAME",
      .help = "Only the rows of this network interface."},
     set_interface},
    {{.group = "Interfaces",
      .name = "try",
      .form = flag,
      .help = "Bind an AF_XDP socket to queue 0 of --interface, for an instant: its traffic may "
              "stop meanwhile. Without it no real interface is touched. Needs root."},
     [](options& to, view text) { return store(to.try_interface, parse_switch(text)); }},
    {{.group = "Advice",
      .name = "describe",
      .value = "LIST",
      .help = "Of advise: own numbers instead of the typical ones, as in "
              "size=4K,rate=20000,latency=5ms,loss=1%,clients=500. Those left out stay."},
     [](options& to, view text) { return store_text(to.description, text); }},
    {{.group = "Advice",
      .name = "results",
      .value = "FILE",
      .default_value = "~/.local/state/ringway/bench.json",
      .help = "Of advise: what ringway bench --json has written, for figures of this machine."},
     [](options& to, view text) { return store_text(to.results, text); }},
};

}  // namespace

std::span<const doctor_option> doctor_option_table() { return all; }

}  // namespace ringway::cli
