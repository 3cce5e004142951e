// What an HTTP client keeps between requests.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/http/client.hpp>
#include <ringway/tls/client_context.hpp>

#include "http/client_sessions.hpp"

namespace ringway::http {

struct client::state {
    /// One server, as far as it is known.
    struct origin {
        std::vector<std::shared_ptr<client_connection>> connections;
        std::vector<std::byte> resume;  ///< Of the last TLS connection.
        std::optional<detail::known_alternative> alternative;
        bool asked_cache = false;  ///< For the alternative.
        bool connecting = false;   ///< Somebody is; who can share waits.
        bool is_shared = true;     ///< It may carry many requests; assumed until known.
    };

    explicit state(client_options given)
        : options{std::move(given)}, sessions{options.cache_directory} {}

    /// Takes connections that are over out of `at` and closes them.
    [[nodiscard]] task<void> sweep(origin& at);
    /// The context for TLS over TCP, or over QUIC.
    [[nodiscard]] task<client_result<const tls::client_context*>> tls_context(bool over_quic);
    /// Keeps what the server of a connection has left.
    void keep_session(const std::string& name, const client_connection& of);
    /// What an answer says of HTTP/3 (RFC 7838).
    void learn_alternatives(const wire::url& from, const client_head& head);
    /// Where the origin of `to` can be had by HTTP/3, as far as that is known and wanted.
    [[nodiscard]] const detail::known_alternative* alternative_of(origin& at, const wire::url& to);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> make_connection(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect_somehow(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> by_tcp(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> by_quic(
        const wire::url& to, const detail::known_alternative& where, client_timings& timings,
        nanoseconds started);

    client_options options;
    std::map<std::string, origin, std::less<>> origins;
    std::unique_ptr<tls::client_context> tls;
    std::unique_ptr<tls::client_context> quic_tls;
    detail::client_sessions sessions;
    event news;  ///< A connection has come, gone, or has room again.
};

}  // namespace ringway::http
