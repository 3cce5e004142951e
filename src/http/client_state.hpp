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
        quic::resumption tls_session;   ///< For the next connection over TCP.
        quic::resumption quic_session;  ///< For the next one over QUIC.
        /// The connections that have left them; null once they were taken. For comparison only.
        const client_connection* tls_session_from = nullptr;
        const client_connection* quic_session_from = nullptr;
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
    /// Early data is answered before the handshake has ended, after which the next ticket comes: it
    /// is waited for where sessions are kept for other processes and none is there.
    [[nodiscard]] task<void> wait_for_session(const origin& at, client_connection& of) const;
    /// Keeps what the server of a connection has left last, if it has, until another uses it.
    static void keep_session(origin& at, client_connection& of);
    /// What an earlier connection of ours or, for early data, of another process has left.
    [[nodiscard]] quic::resumption take_session(origin& at, const std::string& name,
                                                detail::session_kind kind);
    /// Writes what was not used down for other processes, where that is wanted.
    void store_sessions(origin& at, const std::string& name);
    /// Does without the offer of HTTP/3 for some minutes: it led nowhere.
    void avoid_http3(origin& at, const std::string& name);
    /// What an answer says of HTTP/3 (RFC 7838).
    void learn_alternatives(const wire::url& from, const client_head& head);
    /// Where the origin of `to` can be had by HTTP/3, as far as that is known and wanted.
    /// `timings` learns of one that is not to be used now.
    [[nodiscard]] const detail::known_alternative* alternative_of(origin& at, const wire::url& to,
                                                                  client_timings& timings);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> make_connection(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect_somehow(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> by_tcp(
        origin& at, const wire::url& to, client_timings& timings, nanoseconds started);
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> by_quic(
        origin& at, const wire::url& to, detail::known_alternative where, client_timings& timings,
        nanoseconds started);
    /// QUIC has a head start of `race_stagger` over TCP.
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> by_either(
        origin& at, const wire::url& to, detail::known_alternative where, client_timings& timings,
        nanoseconds started);

    client_options options;
    std::map<std::string, origin, std::less<>> origins;
    std::unique_ptr<tls::client_context> tls;
    std::unique_ptr<tls::client_context> quic_tls;
    detail::client_sessions sessions;
    event news;  ///< A connection has come, gone, or has room again.
};

}  // namespace ringway::http
