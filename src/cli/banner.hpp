// What the operator sees when the server is up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/tls/certificates.hpp>

#include "cli/serve_options.hpp"

namespace ringway::cli {

/// What there is to say, as text. Empty parts are left out.
struct banner_facts {
    std::string root;                    ///< The directory, absolute.
    std::vector<std::string> addresses;  ///< As `address_text` makes them.
    std::vector<std::string> tls;        ///< One line each: certificates, how to trust them.
    std::string http3;                   ///< "UDP 8443, 0-RTT, retry auto, cubic"
    std::string site;                    ///< As `site_text` makes it.
    std::string engine;                  ///< "2 shards, io_uring (works here)"
    std::string features;                ///< What the driver obtained.
    std::string limits;                  ///< As `limits_text` makes it.
    std::string log;                     ///< As `log_text` makes it.
    std::string admin;                   ///< URL of the metrics.
    std::vector<std::string> missing;  ///< One line each: what is worse than it could be, and why.
    std::string ready;                 ///< "ready in 12 ms"
};

enum class banner_style : std::uint8_t {
    lines,   ///< One line per fact, for logs: "ringway: root: /srv/www".
    screen,  ///< Laid out for people.
    colour,  ///< The same in colours.
};

[[nodiscard]] std::string render_banner(const banner_facts& facts, banner_style style);

/// Prints the banner to standard error: laid out if that is a terminal, coloured unless NO_COLOR is
/// set (no-color.org) or TERM is "dumb".
void print_banner(const banner_facts& facts);

/// The URL of an endpoint as its `to_text` gives it, "http://127.0.0.1:8080/", which terminals make
/// a link of; with `tls` that on https. Where it stands for every address the host is "localhost";
/// "unix:PATH" stays.
[[nodiscard]] std::string url_of(std::string_view endpoint, bool tls);

/// The same for the banner: says where it stands for every address.
[[nodiscard]] std::string address_text(std::string_view endpoint, bool tls);

/// "example.org, www.example.org (ECDSA, until 2027-02-20): /etc/tls/example.pem", with few of the
/// names if there are many.
[[nodiscard]] std::string certificate_line(const tls::certificate_facts& facts);

/// "listing auto, precompressed br zst gz, symlinks inside".
[[nodiscard]] std::string site_text(const files::site_options& site);

/// "4000 connections, 256 per address, head within 10s, idle 75s". `max_connections` is the real
/// one, where the options leave it open.
[[nodiscard]] std::string limits_text(const serve_options& options, std::uint64_t max_connections);

/// "/var/log/access.log (json)", or how to get one.
[[nodiscard]] std::string log_text(const serve_options& options);

}  // namespace ringway::cli
