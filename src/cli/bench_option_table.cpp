#include "cli/bench_option_table.hpp"

#include <limits>
#include <string>

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;

using options = bench_options;
using view = std::string_view;

template <class Target, class Value>
parsed<void> store(Target& target, const parsed<Value>& value) {
    if (!value) {
        return std::unexpected{value.error()};
    }
    target = *value;
    return {};
}

parsed<void> text_of(std::string& target, view value) {
    target = value;
    return {};
}

constexpr bench_option all[] = {
    {{.group = "Measuring",
      .name = "list",
      .letter = 'l',
      .form = flag,
      .help = "Print which experiments there are, and end."},
     [](options& to, view text) { return store(to.list, parse_switch(text)); }},
    {{.group = "Measuring",
      .name = "quick",
      .form = flag,
      .help = "Far fewer samples: to see that it works, not to quote."},
     [](options& to, view text) { return store(to.quick, parse_switch(text)); }},
    {{.group = "Measuring",
      .name = "samples",
      .letter = 'n',
      .value = "N",
      .help = "Samples of experiments that repeat one thing, in place of what each needs."},
     [](options& to, view text) { return store(to.samples, parse_number(text, 1, 1'000'000)); }},
    {{.group = "Measuring",
      .name = "seed",
      .value = "N",
      .default_value = "1",
      .help = "Of losses and files: the same seed loses the same packets."},
     [](options& to, view text) {
         return store(to.seed, parse_number(text, 0, std::numeric_limits<std::uint64_t>::max()));
     }},
    {{.group = "Results",
      .name = "out",
      .letter = 'o',
      .value = "DIR",
      .help = "Write each result there: NAME.json with every sample and the facts of this machine, "
              "and charts as NAME.svg."},
     [](options& to, view text) { return text_of(to.out, text); }},
    {{.group = "Results",
      .name = "capture",
      .value = "FILE",
      .help = "Write all packets at both ends of the path into FILE (pcapng, for Wireshark)."},
     [](options& to, view text) { return text_of(to.capture, text); }},
    {{.group = "Results",
      .name = "quiet",
      .letter = 'q',
      .form = flag,
      .help = "Print the results only, not what is being done."},
     [](options& to, view text) { return store(to.quiet, parse_switch(text)); }},
    {{.group = "Others",
      .name = "quic-server",
      .value = "PROGRAM",
      .help = "ngtcp2's gtlsserver in place of ringway serve for QUIC, to compare."},
     [](options& to, view text) { return text_of(to.quic_server, text); }},
    {{.group = "Others",
      .name = "quic-client",
      .value = "PROGRAM",
      .help = "ngtcp2's gtlsclient in place of ringway get for QUIC, to compare."},
     [](options& to, view text) { return text_of(to.quic_client, text); }},
};

}  // namespace

std::span<const bench_option> bench_option_table() { return all; }

}  // namespace ringway::cli
