#include "cli/get_option_table.hpp"

#include <array>
#include <expected>
#include <limits>
#include <string>

#include "cli/driver_option.hpp"
#include "cli/get_setters.hpp"
#include "cli/option_setters.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
constexpr auto list = option_form::list;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

using options = get_options;
using view = std::string_view;
using http::client_version;

constexpr get_option output[] = {
    {{.group = "Files",
      .name = "output",
      .letter = 'o',
      .value = "FILE",
      .help = "Where to put it, - for standard output. Without this it is named after the last "
              "part of the URL's path, or index.html."},
     [](options& to, view text) -> parsed<void> {
         if (text.empty()) {
             return std::unexpected{std::string{"a file name is missing"}};
         }
         return store_text(to.output, text);
     }},
    {{.group = "Files",
      .name = "overwrite",
      .form = flag,
      .help = "Replace a file that is there, and begin anew what was interrupted."},
     [](options& to, view text) { return store(to.overwrite, parse_switch(text)); }},
    {{.group = "Files",
      .name = "continue",
      .letter = 'C',
      .form = flag,
      .help = "Go on with FILE.part where it was interrupted. When the file has changed on the "
              "server meanwhile it begins anew: two versions are never mixed."},
     [](options& to, view text) { return store(to.go_on, parse_switch(text)); }},
    {{.group = "Files",
      .name = "range",
      .letter = 'r',
      .value = "FIRST-LAST",
      .help = "Only these bytes, counted from 0; FIRST- up to the end, -N the last N."},
     set_range},
    {{.group = "Files",
      .name = "pieces",
      .letter = 'j',
      .value = "N",
      .default_value = "1",
      .help = "Fetch a large file in up to N pieces at the same time, where the server can."},
     [](options& to, view text) { return store(to.pieces, parse_number(text, 1, 64)); }},
    {{.group = "Files",
      .name = "parallel",
      .value = "N",
      .default_value = "4",
      .help = "URLs to fetch at the same time."},
     [](options& to, view text) { return store(to.parallel, parse_number(text, 1, 256)); }},
};

constexpr get_option request[] = {
    {{.group = "Request",
      .name = "header",
      .letter = 'H',
      .form = list,
      .value = "NAME: VALUE",
      .help = "Send this field too."},
     add_field},
    {{.group = "Request",
      .name = "head",
      .letter = 'I',
      .form = flag,
      .help = "Ask for the head only and print it."},
     [](options& to, view text) { return store(to.head_only, parse_switch(text)); }},
    {{.group = "Request",
      .name = "compressed",
      .form = flag,
      .help = "Ask for it compressed, as gzip, br or zstd, and decode what comes."},
     set_compressed},
    {{.group = "Request",
      .name = "http1.1",
      .form = flag,
      .help = "HTTP/1.1 and nothing else. Without any of these three: the best that the server "
              "has by TLS's ALPN and, once it has said so, by Alt-Svc."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return set_version(to, client_version::http_1_1); });
     }},
    {{.group = "Request",
      .name = "http2",
      .form = flag,
      .help = "HTTP/2 and nothing else; with http:// by prior knowledge."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return set_version(to, client_version::http_2); });
     }},
    {{.group = "Request", .name = "http3", .form = flag, .help = "HTTP/3 and nothing else."},
     [](options& to, view text) {
         return if_wanted(text, [&] { return set_version(to, client_version::http_3); });
     }},
    {{.group = "Request",
      .name = "allow-downgrade",
      .form = flag,
      .help = "Follow redirects from https to http. All others are followed anyway, 20 at most."},
     [](options& to, view text) { return store(to.allow_downgrade, parse_switch(text)); }},
};

constexpr get_option connection[] = {
    {{.group = "Connection",
      .name = "cacert",
      .value = "FILE",
      .help = "Trust the certificates in this PEM file instead of the system's."},
     set_trust_file},
    {{.group = "Connection",
      .name = "insecure",
      .letter = 'k',
      .form = flag,
      .help = "Take any certificate: anybody in between can read and change everything."},
     [](options& to, view text) { return store(to.insecure, parse_switch(text)); }},
    {{.group = "Connection",
      .name = "resolve",
      .form = list,
      .value = "HOST:PORT:ADDR",
      .help = "Connect there instead of looking the name up."},
     add_address},
    {{.group = "Connection",
      .name = "early-data",
      .form = flag,
      .help = "HTTP/3: send the request with the first packet to a server that was asked before. "
              "Somebody may replay it, which a download does not mind. Sessions are kept for "
              "the next time, by any version."},
     [](options& to, view text) { return store(to.early_data, parse_switch(text)); }},
    {{.group = "Connection",
      .name = "migrate",
      .form = list,
      .value = "ADDR",
      .help = "HTTP/3: move the connection to this local address while it downloads; in turn, when "
              "given more than once."},
     add_migration},
    {driver_option_text("Connection"), set_driver<options>},
};

constexpr get_option limits[] = {
    {{.group = "Limits",
      .name = "max-time",
      .value = "TIME",
      .default_value = "off",
      .help = "For all of it. What has come by then is kept, as after an interruption."},
     [](options& to, view text) { return store(to.max_time, parse_seconds(text)); }},
    {{.group = "Limits",
      .name = "connect-timeout",
      .value = "TIME",
      .default_value = "30s",
      .help = "For name, connection and TLS."},
     [](options& to, view text) { return store(to.connect_timeout, parse_seconds(text)); }},
    {{.group = "Limits",
      .name = "idle-timeout",
      .value = "TIME",
      .default_value = "60s",
      .help = "For the answer to begin, and between two pieces of it."},
     [](options& to, view text) { return store(to.idle_timeout, parse_seconds(text)); }},
    {{.group = "Limits",
      .name = "retry",
      .value = "N",
      .default_value = "0",
      .help = "Try again up to N times when the connection fails or the server is overloaded, "
              "after 1, 2, 4, ... seconds or as Retry-After says; goes on where it stopped."},
     [](options& to, view text) { return store(to.retries, parse_number(text, 0, 1000)); }},
    {{.group = "Limits",
      .name = "limit-rate",
      .value = "SIZE",
      .default_value = "off",
      .help = "Bytes a second, of all that is fetched together."},
     [](options& to, view text) { return store(to.limit_rate, parse_size(text)); }},
};

constexpr get_option telling[] = {
    {{.group = "Output",
      .name = "quiet",
      .letter = 'q',
      .form = flag,
      .help = "No progress and no word about what went well. Without a terminal there is no "
              "progress anyway."},
     [](options& to, view text) { return store(to.quiet, parse_switch(text)); }},
    {{.group = "Output",
      .name = "json",
      .form = flag,
      .help = "Print a line of JSON about each URL: times, sizes, and what the transport measured. "
              "To standard error when the file goes to standard output."},
     [](options& to, view text) { return store(to.json, parse_switch(text)); }},
};

constexpr get_option bench[] = {
    {{.group = "Load",
      .name = "bench",
      .form = flag,
      .help = "Ask for the URLs again and again, keep nothing, and print how fast that went."},
     [](options& to, view text) { return store(to.bench, parse_switch(text)); }},
    {{.group = "Load",
      .name = "connections",
      .letter = 'c',
      .value = "N",
      .default_value = "10",
      .help = "Connections at the same time."},
     [](options& to, view text) {
         return store(to.bench_connections, parse_number(text, 1, 100'000));
     }},
    {{.group = "Load",
      .name = "streams",
      .letter = 'm',
      .value = "N",
      .default_value = "1",
      .help = "Requests at the same time on each; more than 1 needs HTTP/2 or HTTP/3."},
     [](options& to, view text) { return store(to.bench_streams, parse_number(text, 1, 10'000)); }},
    {{.group = "Load",
      .name = "duration",
      .letter = 'd',
      .value = "TIME",
      .default_value = "10s",
      .help = "For how long."},
     [](options& to, view text) { return store(to.bench_duration, parse_seconds(text)); }},
    {{.group = "Load",
      .name = "requests",
      .letter = 'n',
      .value = "N",
      .help = "End after this many, however long that takes."},
     [](options& to, view text) { return store(to.bench_requests, parse_number(text, 1, most)); }},
    {{.group = "Load",
      .name = "pause",
      .value = "TIME",
      .default_value = "off",
      .help = "Wait so long between an answer and the next request on the same connection: "
              "connections that are mostly idle."},
     [](options& to, view text) { return store(to.bench_pause, parse_seconds(text)); }},
};

constexpr auto all_options = [] {
    std::array<get_option, std::size(output) + std::size(request) + std::size(connection) +
                               std::size(limits) + std::size(telling) + std::size(bench)>
        all{};
    auto* next = all.data();
    for (const auto part : {std::span<const get_option>{output},
                            {request},
                            {connection},
                            {limits},
                            {telling},
                            {bench}}) {
        for (const auto& option : part) {
            *next++ = option;
        }
    }
    return all;
}();

}  // namespace

std::span<const get_option> get_option_table() { return all_options; }

}  // namespace ringway::cli
