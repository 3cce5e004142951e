#include "cli/serve_http3_setters.hpp"
#include "cli/serve_option_groups.hpp"
#include "cli/serve_setters.hpp"
#include "cli/serve_tls_setters.hpp"

namespace ringway::cli {
namespace {

using options = serve_options;
using view = std::string_view;
using namespace rows;

constexpr words<tls_version, 2> tls_versions{
    {{"1.2", tls_version::tls_1_2}, {"1.3", tls_version::tls_1_3}}};
constexpr words<quic::retry_mode, 3> retry_modes{{{"auto", quic::retry_mode::automatic},
                                                  {"always", quic::retry_mode::always},
                                                  {"never", quic::retry_mode::never}}};
constexpr words<quic::congestion_control, 3> congestions{
    {{"cubic", quic::congestion_control::cubic},
     {"reno", quic::congestion_control::reno},
     {"bbr", quic::congestion_control::bbr}}};

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
     [](options& to, view text) {
         to.tls.oldest_given = true;
         return choose(to.tls.oldest, text, tls_versions);
     }},
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

}  // namespace

std::span<const serve_option> serve_listening_options() { return listening; }
std::span<const serve_option> serve_https_options() { return https; }
std::span<const serve_option> serve_http3_options() { return http3; }

}  // namespace ringway::cli
