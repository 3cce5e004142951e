// Both ends of a TLS connection over a real socket, on one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/connection.hpp>

#include "support/sockets.hpp"
#include "support/tls_world.hpp"

namespace ringway::test {

struct tls_pair {
    explicit tls_pair(tls_world& world, std::string_view host = "localhost", byte_view resume = {})
        : tls_pair{world, tcp_pair(), host, resume} {}
    tls_pair(tls_world& world, fd_pair fds, std::string_view host, byte_view resume)
        : server{fds.near.release(), *world.server},
          client{fds.far.release(), *world.client, host, resume} {}

    /// Both handshakes beside each other. True when both sides say so.
    [[nodiscard]] task<bool> shake_hands();
    [[nodiscard]] task<void> close();

    tls::connection server;
    tls::connection client;
    result<void> server_outcome;
    result<void> client_outcome;
};

/// Puts and flushes all of `text`.
[[nodiscard]] task<void> send_all(tls::connection& from, std::string_view text);

/// Receives until the end or until `bytes_max` have come.
[[nodiscard]] task<std::string> receive_all(tls::connection& from,
                                            std::size_t bytes_max = SIZE_MAX);

/// Sends back all that comes, until the end.
[[nodiscard]] task<void> echo_all(tls::connection& at);

}  // namespace ringway::test
