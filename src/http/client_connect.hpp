// Making a connection of the HTTP client: name, TCP, TLS, and the version that they agree on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/http/client.hpp>
#include <ringway/quic/client.hpp>
#include <ringway/tls/client_context.hpp>

namespace ringway::http::detail {

/// What connecting needs to know.
struct connect_plan {
    const client_options& options;
    const tls::client_context* tls;  ///< Offers the versions that are wanted; null without TLS.
    const wire::url& to;             ///< Its host is what the certificate must be for.
    byte_view resume;
    nanoseconds started{0};
    std::string host = {};   ///< Another one to connect to (RFC 7838); empty: that of `to`.
    std::uint16_t port = 0;  ///< As above; 0: that of `to`.
};

/// Fails with what `client::fetch` says, the stage and words for people included. `timings` learns
/// when each step had happened. Cancel: at any await; nothing stays open. Resumes: on this shard.
[[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect_by_tcp(
    connect_plan plan, client_timings& timings);

/// As `connect_by_tcp`, over QUIC. `earlier` is what an earlier connection has left; where that
/// allows early data the connection is yielded before the handshake has ended.
[[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect_by_quic(
    connect_plan plan, const quic::resumption& earlier, client_timings& timings);

/// The addresses of the server, by the options or by its name.
[[nodiscard]] task<client_result<std::vector<endpoint>>> addresses_of(const connect_plan& plan);

}  // namespace ringway::http::detail
