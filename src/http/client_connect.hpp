// Making a connection of the HTTP client: name, TCP, TLS, and the version that they agree on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/http/client.hpp>
#include <ringway/tls/client_context.hpp>

namespace ringway::http::detail {

/// What connecting needs to know.
struct connect_plan {
    const client_options& options;
    const tls::client_context* tls;  ///< Offers the versions that are wanted; null without TLS.
    const wire::url& to;
    byte_view resume;
    nanoseconds started{0};
};

/// Fails with what `client::fetch` says, the stage and words for people included. `timings` learns
/// when each step had happened. Cancel: at any await; nothing stays open. Resumes: on this shard.
[[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect_by_tcp(
    connect_plan plan, client_timings& timings);

/// The addresses of the server, by the options or by its name.
[[nodiscard]] task<client_result<std::vector<endpoint>>> addresses_of(const connect_plan& plan);

}  // namespace ringway::http::detail
