// Opening sockets that listen for connections.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway {

struct listen_options {
    int backlog =
        4096;  ///< Connections that wait to be accepted; the kernel's somaxconn limits it.
    bool reuse_port = false;  ///< SO_REUSEPORT: several sockets share a port (socket(7)). Only IP.
    bool nodelay = true;      ///< TCP_NODELAY, which accepted sockets inherit.
    /// TCP_DEFER_ACCEPT (tcp(7)): accept only once the client has sent something, or after this
    /// time. Zero: at once.
    std::chrono::seconds defer_accept{0};
};

/// Opens a socket that listens at `where`. SO_REUSEADDR is set; `every_address` becomes one IPv6
/// socket for both families, or an IPv4 one where the kernel has no IPv6.
///
/// On a shard's thread the socket is opened as that shard's driver needs it. A file that an earlier
/// process left at the path of a Unix socket is removed, if it is a socket and nobody accepts on
/// it. Fails with the errno of socket(2), bind(2) or listen(2), ENOTSOCK if the path of a Unix
/// socket is a file of another kind, EAFNOSUPPORT for an endpoint that is none; see
/// `explain_listen_failure`.
[[nodiscard]] result<unique_fd> open_listener(const endpoint& where,
                                              const listen_options& options = {}) noexcept;

/// Opens `count` sockets for the same place, one for each shard. For an IP address they share the
/// port by SO_REUSEPORT, and port 0 becomes the same free one for all. A Unix socket is one socket,
/// duplicated.
///
/// Fails as `open_listener`. Unlike that with `reuse_port` it notices another program of the same
/// user that listens there already, by SO_REUSEPORT too or not.
[[nodiscard]] result<std::vector<unique_fd>> open_listeners(const endpoint& where, unsigned count,
                                                            listen_options options = {});

/// One line for the operator: what failed, and what can be done about it.
[[nodiscard]] std::string explain_listen_failure(const endpoint& where, error failure);

}  // namespace ringway
