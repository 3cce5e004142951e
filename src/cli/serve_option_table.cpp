#include "cli/serve_option_table.hpp"

#include <array>
#include <limits>
#include <utility>

#include "cli/serve_http3_setters.hpp"
#include "cli/serve_setters.hpp"
#include "cli/serve_tls_setters.hpp"

namespace ringway::cli {
namespace {

constexpr auto flag = option_form::flag;
constexpr auto list = option_form::list;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

// Stores a parsed value, if it is one.
template <class Target, class Value>
parsed<void> store(Target& target, const parsed<Value>& value) {
    if (!value) {
        return std::unexpected{value.error()};
    }
    target = static_cast<Target>(*value);
    return {};
}

// A flag that switches something off.
parsed<void> store_not(bool& target, std::string_view text) {
    const auto given = parse_switch(text);
    return given ? store(target, parsed<bool>{!*given}) : store(target, given);
}

parsed<std::uint64_t> size_between(std::string_view text, std::uint64_t least,
                                   std::uint64_t greatest) {
    const auto size = parse_size(text);
    if (size && (*size < least || *size > greatest)) {
        return std::unexpected{"\"" + std::string{text} + "\" is not between " +
                               std::to_string(least) + " and " + std::to_string(greatest) +
                               " bytes"};
    }
    return size;
}

// `word` means zero.
parsed<std::uint64_t> number_or(std::string_view word, std::string_view text, std::uint64_t least,
                                std::uint64_t greatest) {
    return text == word ? parsed<std::uint64_t>{0} : parse_number(text, least, greatest);
}

template <class Value, std::size_t N>
using words = std::array<std::pair<std::string_view, Value>, N>;

template <class Target, std::size_t N>
parsed<void> choose(Target& target, std::string_view text, const words<Target, N>& choices) {
    return store(target, parse_choice<Target>(text, choices));
}

using files::hidden_policy;
using files::listing_mode;
using files::symlink_policy;
using observe::log_format;

constexpr words<listing_mode, 4> listings{{{"off", listing_mode::off},
                                           {"html", listing_mode::html},
                                           {"json", listing_mode::json},
                                           {"auto", listing_mode::automatic}}};
constexpr words<hidden_policy, 2> hiddens{
    {{"deny", hidden_policy::deny}, {"allow", hidden_policy::allow}}};
constexpr words<symlink_policy, 3> symlinks{{{"deny", symlink_policy::deny},
                                             {"inside", symlink_policy::inside},
                                             {"follow", symlink_policy::follow}}};
constexpr words<log_format, 2> log_formats{
    {{"combined", log_format::combined}, {"json", log_format::json}}};
constexpr words<log_level, 4> log_levels{{{"error", log_level::error},
                                          {"warning", log_level::warning},
                                          {"info", log_level::info},
                                          {"debug", log_level::debug}}};
constexpr words<driver_kind, 3> drivers{{{"auto", driver_kind::automatic},
                                         {"io_uring", driver_kind::io_uring},
                                         {"epoll", driver_kind::epoll}}};
constexpr words<tls_version, 2> tls_versions{
    {{"1.2", tls_version::tls_1_2}, {"1.3", tls_version::tls_1_3}}};
constexpr words<transfer_choice, 4> transfers{{{"auto", transfer_choice::automatic},
                                               {"sendfile", transfer_choice::sendfile},
                                               {"copy", transfer_choice::copy},
                                               {"splice", transfer_choice::splice}}};

constexpr words<quic::retry_mode, 3> retry_modes{{{"auto", quic::retry_mode::automatic},
                                                  {"always", quic::retry_mode::always},
                                                  {"never", quic::retry_mode::never}}};
constexpr words<quic::congestion_control, 3> congestions{
    {{"cubic", quic::congestion_control::cubic},
     {"reno", quic::congestion_control::reno},
     {"bbr", quic::congestion_control::bbr}}};

using options = serve_options;
using view = std::string_view;

constexpr serve_option listening[] = {
    {{.group = "Listening",
      .name = "listen",
      .letter = 'l',
      .form = list,
      .value = "ADDR:PORT",
      .default_value = "127.0.0.1:8080",
      .help =
          "Where to listen; may be repeated. ADDR:PORT, [IPV6]:PORT, :PORT for every address, "
          "or unix:PATH; with http:// or https:// in front to say which. Without: https where a "
          "certificate is given (then [127.0.0.1:8443]), else http."},
     add_listen},
    {{.group = "Listening",
      .name = "admin",
      .value = "ADDR:PORT",
      .help = "Answer with metrics (for Prometheus) and health there. Off unless given; on the "
              "loopback interface or a Unix socket, with a port of its own."},
     set_admin},
    {{.group = "Listening",
      .name = "admin-public",
      .form = flag,
      .help = "Let --admin be where others reach it. Metrics and health are for everybody then."},
     [](options& to, view text) { return store(to.admin_public, parse_switch(text)); }},
    {{.group = "Listening",
      .name = "h2c",
      .form = flag,
      .help = "Accept HTTP/2 without TLS from clients that begin with it (prior knowledge), as "
              "proxies do."},
     [](options& to, view text) { return store(to.h2c, parse_switch(text)); }},
};

constexpr serve_option https[] = {
    {{.group = "HTTPS",
      .name = "tls",
      .form = list,
      .value = "self|FILE|CERT,KEY",
      .help = "Speak TLS, with this certificate: a chain and its key in PEM, in one file or two. "
              "self: a certificate for development, made once and kept. May be repeated; files "
              "are watched and loaded anew. All --listen addresses speak https then, but those "
              "that begin with http://."},
     add_tls},
    {{.group = "HTTPS",
      .name = "tls-dir",
      .form = list,
      .value = "DIR",
      .help = "The same with all certificates in DIR: NAME.crt and NAME.key, NAME.pem with both, "
              "or NAME/fullchain.pem and NAME/privkey.pem, as certbot keeps them."},
     add_tls_dir},
    {{.group = "HTTPS",
      .name = "tls-min",
      .value = "1.2|1.3",
      .default_value = "1.3",
      .help = "The oldest version of TLS to speak."},
     [](options& to, view text) { return choose(to.tls.oldest, text, tls_versions); }},
    {{.group = "HTTPS",
      .name = "http-redirect",
      .value = "ADDR:PORT",
      .help = "Listen there too, without TLS, and send clients to the same path on https. Only "
              "/.well-known/acme-challenge/ is served, for the renewal of certificates."},
     set_http_redirect},
    {{.group = "HTTPS",
      .name = "hsts",
      .form = option_form::optional_value,
      .value = "SECONDS",
      .help = "Tell browsers to use nothing but https for this host (Strict-Transport-Security), "
              "for SECONDS or a year. They remember: try it with few.",
      .implied = "31536000"},
     set_hsts},
};

constexpr serve_option http3[] = {
    {{.group = "HTTP/3",
      .name = "no-http3",
      .form = flag,
      .help = "Leave HTTP/3 out. Without it every --listen address on https is open for QUIC too, "
              "by UDP at the same port, and other responses say so (Alt-Svc)."},
     [](options& to, view text) { return store_not(to.http3.wanted, text); }},
    {{.group = "HTTP/3",
      .name = "no-early-data",
      .form = flag,
      .help = "Answer nothing before the handshake is complete (no 0-RTT): slower by a round trip "
              "for clients that come back."},
     [](options& to, view text) { return store_not(to.http3.early_data, text); }},
    {{.group = "HTTP/3",
      .name = "quic-retry",
      .value = "auto|always|never",
      .default_value = "auto",
      .help = "Let clients prove their address before anything is done for them, which costs them "
              "a round trip. auto: while many handshakes are under way."},
     [](options& to, view text) { return choose(to.http3.retry, text, retry_modes); }},
    {{.group = "HTTP/3",
      .name = "congestion",
      .value = "cubic|reno|bbr",
      .default_value = "cubic",
      .help = "How QUIC finds out how fast it may send."},
     [](options& to, view text) { return choose(to.http3.congestion, text, congestions); }},
    {{.group = "HTTP/3",
      .name = "quic-idle-timeout",
      .value = "TIME",
      .default_value = "30s",
      .help = "How long a QUIC connection may be silent."},
     [](options& to, view text) { return store(to.http3.idle_timeout, parse_duration(text)); }},
    {{.group = "HTTP/3",
      .name = "quic-v2",
      .form = flag,
      .help = "Go on in QUIC version 2 with clients that begin with version 1 and offer both. "
              "Those that begin with version 2 are served in any case."},
     [](options& to, view text) { return store(to.http3.version_2, parse_switch(text)); }},
    {{.group = "HTTP/3",
      .name = "preferred-address",
      .value = "ADDR:PORT",
      .help = "Where clients shall go on after the handshake: an address of this server alone, "
              "where --listen has one that several share."},
     set_preferred_address},
    {{.group = "HTTP/3",
      .name = "qlog",
      .value = "DIR",
      .help = "Write what each QUIC connection does to a file in DIR, for tools such as qvis. "
              "Needs ngtcp2 1.22.1."},
     set_qlog},
};

constexpr serve_option site[] = {
    {{.group = "Site",
      .name = "index",
      .form = list,
      .value = "NAME",
      .default_value = "index.html",
      .help = "File that answers for its directory; may be repeated, the first that exists wins."},
     add_index},
    {{.group = "Site",
      .name = "listing",
      .value = "off|html|json|auto",
      .default_value = "auto",
      .help = "What a directory without an index file answers: 404, a page, JSON, or what the "
              "client asks for."},
     [](options& to, view text) { return choose(to.site.listing, text, listings); }},
    {{.group = "Site",
      .name = "spa",
      .form = option_form::optional_value,
      .value = "PATH",
      .help = "Answer with PATH, /index.html if left out, where a page does not exist: for "
              "applications that route in the browser.",
      .implied = "/index.html"},
     set_spa},
    {{.group = "Site",
      .name = "hidden",
      .value = "deny|allow",
      .default_value = "deny",
      .help = "Names that begin with a dot. /.well-known is served always."},
     [](options& to, view text) { return choose(to.site.hidden, text, hiddens); }},
    {{.group = "Site",
      .name = "symlinks",
      .value = "deny|inside|follow",
      .default_value = "inside",
      .help = "Which symbolic links are followed: none, those that stay inside DIR, or all."},
     [](options& to, view text) { return choose(to.site.symlinks, text, symlinks); }},
    {{.group = "Site",
      .name = "precompressed",
      .value = "LIST|off",
      .default_value = "br,zst,gz",
      .help = "Serve FILE.br, FILE.zst or FILE.gz in place of FILE to clients that accept them."},
     set_precompressed},
    {{.group = "Site",
      .name = "cache-control",
      .value = "TEXT",
      .help = "Value of Cache-Control for files, such as \"max-age=3600\"."},
     set_cache_control},
    {{.group = "Site",
      .name = "header",
      .form = list,
      .value = "\"NAME: VALUE\"",
      .help = "Header to add to every response; may be repeated, up to 8 times."},
     add_header},
    {{.group = "Site",
      .name = "mime-types",
      .value = "FILE",
      .default_value = "/etc/mime.types",
      .help = "Media types by extension, where they differ from the built-in ones."},
     [](options& to, view text) { return store(to.mime_types, parsed<view>{text}); }},
};

constexpr serve_option limits[] = {
    {{.group = "Limits",
      .name = "header-timeout",
      .value = "TIME",
      .default_value = "10s",
      .help = "How long the head of a request may take."},
     [](options& to, view text) { return store(to.header_timeout, parse_duration(text)); }},
    {{.group = "Limits",
      .name = "idle-timeout",
      .value = "TIME",
      .default_value = "75s",
      .help = "How long a connection may wait for its next request."},
     [](options& to, view text) { return store(to.idle_timeout, parse_duration(text)); }},
    {{.group = "Limits",
      .name = "min-rate",
      .value = "SIZE",
      .default_value = "500",
      .help = "Bytes per second that a client has to take or send at least; 0 or off to wait for "
              "any client."},
     [](options& to, view text) { return store(to.min_rate, parse_size(text)); }},
    {{.group = "Limits",
      .name = "max-connections",
      .value = "N|auto",
      .default_value = "auto",
      .help = "Open connections at a time. auto: what the limit of open files allows."},
     [](options& to, view text) {
         return store(to.max_connections, number_or("auto", text, 1, 100'000'000));
     }},
    {{.group = "Limits",
      .name = "max-connections-per-address",
      .value = "N|off",
      .default_value = "256",
      .help = "The same for one client address (for IPv6: one /64). Clients on this machine, and "
              "so a proxy in front, are exempt."},
     [](options& to, view text) {
         return store(to.max_connections_per_address, number_or("off", text, 0, 100'000'000));
     }},
    {{.group = "Limits",
      .name = "max-requests",
      .value = "N|off",
      .default_value = "off",
      .help = "Requests on one connection before it is closed."},
     [](options& to, view text) {
         return store(to.max_requests, number_or("off", text, 0, most));
     }},
    {{.group = "Limits",
      .name = "max-streams",
      .value = "N",
      .default_value = "100",
      .help = "Requests at a time on one connection of HTTP/2 or HTTP/3."},
     [](options& to, view text) { return store(to.max_streams, parse_number(text, 1, 1000)); }},
    {{.group = "Limits",
      .name = "max-header-bytes",
      .value = "SIZE",
      .default_value = "32K",
      .help = "Bytes in the header of a request."},
     [](options& to, view text) {
         return store(to.max_header_bytes, size_between(text, 1024, 1'048'576));
     }},
    {{.group = "Limits",
      .name = "max-headers",
      .value = "N",
      .default_value = "100",
      .help = "Fields in the header of a request."},
     [](options& to, view text) { return store(to.max_headers, parse_number(text, 1, 250)); }},
    {{.group = "Limits",
      .name = "max-target",
      .value = "SIZE",
      .default_value = "8K",
      .help = "Bytes in the path and query of a request."},
     [](options& to, view text) { return store(to.max_target, size_between(text, 64, 65'536)); }},
    {{.group = "Limits",
      .name = "drain",
      .value = "TIME",
      .default_value = "30s",
      .help = "How long running requests may go on after the signal to stop."},
     [](options& to, view text) { return store(to.drain, parse_duration(text)); }},
};

constexpr serve_option logging[] = {
    {{.group = "Logging",
      .name = "log",
      .value = "FILE|-|off",
      .default_value = "off",
      .help = "Access log: append to FILE, or write to standard output (-)."},
     set_log},
    {{.group = "Logging",
      .name = "log-format",
      .value = "combined|json",
      .default_value = "combined",
      .help = "Form of the access log: the combined format of Apache and nginx with a few fields "
              "more, or a JSON object per line with the names of OpenTelemetry."},
     [](options& to, view text) { return choose(to.log_format, text, log_formats); }},
    {{.group = "Logging",
      .name = "log-level",
      .value = "error|warning|info|debug",
      .default_value = "info",
      .help = "Which messages of the server go to standard error."},
     [](options& to, view text) { return choose(to.level, text, log_levels); }},
};

constexpr serve_option engine[] = {
    {{.group = "Engine",
      .name = "shards",
      .value = "N|auto",
      .default_value = "auto",
      .help = "Threads that serve. auto: one for each core this process may use."},
     [](options& to, view text) { return store(to.shards, number_or("auto", text, 1, 1024)); }},
    {{.group = "Engine",
      .name = "driver",
      .value = "io_uring|epoll|auto",
      .default_value = "auto",
      .help = "How to talk to the kernel. auto: io_uring where it works."},
     [](options& to, view text) { return choose(to.driver, text, drivers); }},
    {{.group = "Engine",
      .name = "transfer",
      .value = "auto|sendfile|copy|splice",
      .default_value = "auto",
      .help = "How files that are not in the cache reach the socket."},
     [](options& to, view text) { return choose(to.transfer, text, transfers); }},
    {{.group = "Engine",
      .name = "cache-bytes",
      .value = "SIZE",
      .default_value = "64M",
      .help = "Memory for the contents of small files, per shard; off to cache none."},
     [](options& to, view text) { return store(to.cache_bytes, parse_size(text)); }},
    {{.group = "Engine",
      .name = "cache-entries",
      .value = "N",
      .default_value = "65536",
      .help = "Files to remember, per shard."},
     [](options& to, view text) {
         return store(to.cache_entries, number_or("off", text, 0, 16'777'216));
     }},
    {{.group = "Engine",
      .name = "cache-ttl",
      .value = "TIME",
      .default_value = "2s",
      .help = "How long a cached file is served without looking whether it has changed."},
     [](options& to, view text) { return store(to.cache_ttl, parse_duration(text)); }},
    {{.group = "Engine",
      .name = "busy-poll",
      .form = flag,
      .help = "Never sleep: lower latency, and a full core for each shard."},
     [](options& to, view text) { return store(to.busy_poll, parse_switch(text)); }},
    {{.group = "Engine",
      .name = "no-pin",
      .form = flag,
      .help = "Let the kernel move shards between cores."},
     [](options& to, view text) { return store_not(to.pin, text); }},
};

constexpr auto all_options = [] {
    std::array<serve_option, std::size(listening) + std::size(https) + std::size(http3) +
                                 std::size(site) + std::size(limits) + std::size(logging) +
                                 std::size(engine)>
        all{};
    auto* next = all.data();
    for (const auto part : {std::span<const serve_option>{listening},
                            {https},
                            {http3},
                            {site},
                            {limits},
                            {logging},
                            {engine}}) {
        for (const auto& option : part) {
            *next++ = option;
        }
    }
    return all;
}();

}  // namespace

std::span<const serve_option> serve_option_table() { return all_options; }

}  // namespace ringway::cli
