// Which addresses `ringway serve` listens on, and what is spoken at each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/net/endpoint.hpp>

#include "cli/reply.hpp"
#include "cli/serve_options.hpp"

namespace ringway::cli {

/// Where a site with certificates is when nothing is said.
inline constexpr const char* default_tls_listen = "127.0.0.1:8443";

/// "https://127.0.0.1:8443/" as "https" and "127.0.0.1:8443"; the scheme is "" where there is none.
struct scheme_and_endpoint {
    std::string_view scheme;
    std::string_view endpoint;
};

/// Takes "http://" or "https://", and the slash behind the port, off the text of --listen.
/// Lifetime: as `text`.
[[nodiscard]] scheme_and_endpoint split_scheme(std::string_view text) noexcept;

/// An address of the site.
struct planned_listener {
    std::string endpoint;  ///< As `parse_endpoint` reads it.
    bool tls = false;

    friend bool operator==(const planned_listener&, const planned_listener&) = default;
};

/// Whether only this machine reaches it: loopback, or a Unix socket.
[[nodiscard]] bool is_private(const endpoint& where) noexcept;

/// The addresses of the site, in their order. With certificates all speak TLS but those that ask
/// for http; without, none do.
[[nodiscard]] std::vector<planned_listener> plan_listeners(const serve_options& options);

/// What is wrong with --listen, --admin, --http-redirect, --tls and --hsts taken together, if
/// something is: one address twice, https without a certificate, certificates without https, a
/// redirect that leads nowhere, metrics for everybody. Requires endpoints that can be parsed.
[[nodiscard]] std::optional<reply> check_listeners(const serve_options& options);

}  // namespace ringway::cli
