#include "cli/bench_option_table.hpp"

#include <chrono>
#include <fmt/core.h>
#include <limits>

#include "cli/option_setters.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;

constexpr std::uint64_t connections_max = 50'000;
constexpr std::uint64_t rate_max = 5'000'000;

using options = bench_options;
using view = std::string_view;

// A whole number from `least` to `most`.
template <class Target>
parsed<void> number_of(Target& target, view value, std::uint64_t least, std::uint64_t most) {
    return store(target, parse_number(value, least, most));
}

parsed<void> seconds_of(double& target, view value) {
    constexpr std::chrono::milliseconds least{50};
    constexpr std::chrono::milliseconds most{600'000};
    const auto read = parse_seconds(value);
    if (!read) {
        return std::unexpected{read.error()};
    }
    if (*read < least || *read > most) {
        return std::unexpected{fmt::format("\"{}\" is not from 50ms to 10m", value)};
    }
    target = std::chrono::duration<double>{*read}.count();
    return {};
}

parsed<void> connections_of(std::vector<unsigned>& target, view value) {
    target.clear();
    for (const auto part : split_list(value)) {
        const auto read = parse_number(part, 1, connections_max);
        if (!read) {
            return std::unexpected{read.error()};
        }
        target.push_back(static_cast<unsigned>(*read));
    }
    return target.empty() ? parsed<void>{std::unexpected{fmt::format(
                                "\"{}\" is no list of numbers: write 1,64,1000", value)}}
                          : parsed<void>{};
}

parsed<void> rates_of(std::vector<double>& target, view value) {
    target.clear();
    for (const auto part : split_list(value)) {
        const auto read = parse_number(part, 1, rate_max);
        if (!read) {
            return std::unexpected{read.error()};
        }
        target.push_back(static_cast<double>(*read));
    }
    return target.empty() ? parsed<void>{std::unexpected{fmt::format(
                                "\"{}\" is no list of numbers: write 5000,20000", value)}}
                          : parsed<void>{};
}

parsed<void> percent_of(double& target, view value) {
    const auto read = parse_number(value, 0, 1000);
    if (!read) {
        return std::unexpected{read.error()};
    }
    target = static_cast<double>(*read);
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
    {{.group = "Measuring",
      .name = "rounds",
      .letter = 'r',
      .value = "N",
      .help =
          "Interleaved rounds, 1 to 1000, of what is measured in rounds. Default: 5, and 2 with "
          "--quick."},
     [](options& to, view text) { return number_of(to.rounds, text, 1, 1000); }},
    {{.group = "Measuring",
      .name = "seconds",
      .letter = 's',
      .value = "TIME",
      .help = "Length of one measurement, 50ms to 10m. Default: 3, and 300ms with --quick."},
     [](options& to, view text) { return seconds_of(to.seconds, text); }},
    {{.group = "Measuring",
      .name = "connections",
      .letter = 'c',
      .value = "LIST",
      .help = "Counts of connections, each 1 to 50000, with commas between, in place of what each "
              "experiment has."},
     [](options& to, view text) { return connections_of(to.connections, text); }},
    {{.group = "Measuring",
      .name = "rate",
      .value = "LIST",
      .help = "Constant rates for latency echo and offered, requests per second, each 1 to "
              "5000000, with commas between, in place of what each has."},
     [](options& to, view text) { return rates_of(to.rates, text); }},
    {{.group = "Measuring",
      .name = "server-core",
      .value = "N",
      .default_value = "0",
      .help = "The core that servers run on."},
     [](options& to, view text) { return number_of(to.server_core, text, 0, 1023); }},
    {{.group = "Measuring",
      .name = "load-core",
      .value = "N",
      .default_value = "1",
      .help = "The core that the load generator runs on."},
     [](options& to, view text) { return number_of(to.load_core, text, 0, 1023); }},
    {{.group = "Measuring",
      .name = "dir",
      .value = "DIR",
      .help = "Where experiments put their files, which decides which disk is measured. Default: a "
              "temporary directory."},
     [](options& to, view text) { return store_text(to.directory, text); }},
    {{.group = "Results",
      .name = "json",
      .value = "FILE",
      .help =
          "Write every round with the facts of this machine into FILE, for compare and render."},
     [](options& to, view text) { return store_text(to.json, text); }},
    {{.group = "Results",
      .name = "html",
      .value = "FILE",
      .help = "Write a report into FILE: one page with tables and charts that needs no other."},
     [](options& to, view text) { return store_text(to.html, text); }},
    {{.group = "Results",
      .name = "markdown",
      .value = "FILE",
      .help = "Write the tables into FILE, to be pasted into a document."},
     [](options& to, view text) { return store_text(to.markdown, text); }},
    {{.group = "Results",
      .name = "threshold",
      .value = "PERCENT",
      .default_value = "2",
      .help = "compare passes over changes that are smaller, 0 to 1000."},
     [](options& to, view text) { return percent_of(to.threshold, text); }},
    {{.group = "Results",
      .name = "out",
      .letter = 'o',
      .value = "DIR",
      .help = "Write each result of quic there: NAME.json with every sample and the facts of this "
              "machine, "
              "and charts as NAME.svg."},
     [](options& to, view text) { return store_text(to.out, text); }},
    {{.group = "Results",
      .name = "capture",
      .value = "FILE",
      .help = "Write all packets at both ends of the path into FILE (pcapng, for Wireshark)."},
     [](options& to, view text) { return store_text(to.capture, text); }},
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
     [](options& to, view text) { return store_text(to.quic_server, text); }},
    {{.group = "Others",
      .name = "quic-client",
      .value = "PROGRAM",
      .help = "ngtcp2's gtlsclient in place of ringway get for QUIC, to compare."},
     [](options& to, view text) { return store_text(to.quic_client, text); }},
};

}  // namespace

std::span<const bench_option> bench_option_table() { return all; }

}  // namespace ringway::cli
