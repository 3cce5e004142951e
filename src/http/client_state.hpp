// What an HTTP client keeps between requests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/http/client.hpp>
#include <ringway/tls/client_context.hpp>

namespace ringway::http {

struct client::state {
    /// One server, as far as it is known.
    struct origin {
        std::vector<std::shared_ptr<client_connection>> connections;
        std::vector<std::byte> resume;  ///< Of the last TLS connection.
        bool connecting = false;        ///< Somebody is; who can share waits.
        bool is_shared = true;          ///< It may carry many requests; assumed until known.
    };

    explicit state(client_options given) : options{std::move(given)} {}

    /// Takes connections that are over out of `at` and closes them.
    [[nodiscard]] task<void> sweep(origin& at);
    /// The context for TLS over TCP.
    [[nodiscard]] task<client_result<const tls::client_context*>> tls_context();
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> make_connection(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);

    client_options options;
    std::map<std::string, origin, std::less<>> origins;
    std::unique_ptr<tls::client_context> tls;
    event news;  ///< A connection has come, gone, or has room again.
};

}  // namespace ringway::http
