#include "cli/serve_option_groups.hpp"
#include "cli/serve_setters.hpp"

namespace ringway::cli {
namespace {

using files::hidden_policy;
using files::listing_mode;
using files::symlink_policy;
using options = serve_options;
using view = std::string_view;
using namespace rows;

constexpr words<listing_mode, 4> listings{{{"off", listing_mode::off},
                                           {"html", listing_mode::html},
                                           {"json", listing_mode::json},
                                           {"auto", listing_mode::automatic}}};
constexpr words<hidden_policy, 2> hiddens{
    {{"deny", hidden_policy::deny}, {"allow", hidden_policy::allow}}};
constexpr words<symlink_policy, 3> symlinks{{{"deny", symlink_policy::deny},
                                             {"inside", symlink_policy::inside},
                                             {"follow", symlink_policy::follow}}};

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
      .help = "Header to add to every answer; may be repeated, up to 8 times."},
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
      .help = "The same for one client address (for IPv6: one /64). Clients by loopback or a "
              "Unix socket, and so a proxy in front on this machine, are exempt."},
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

}  // namespace

std::span<const serve_option> serve_site_options() { return site; }
std::span<const serve_option> serve_limit_options() { return limits; }

}  // namespace ringway::cli
