// QUIC on the UDP sockets of a server: what its shards share, and the endpoint of each.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/quic/counters.hpp>
#include <ringway/quic/options.hpp>
#include <ringway/tls/certificates.hpp>
#include <ringway/tls/server_context.hpp>

namespace ringway::quic {

/// When a client must prove its address before we work for it (RFC 9000 section 8.1): `automatic`
/// is while more than `half_open_before_retry` handshakes are under way. It costs a round trip.
enum class retry_mode : std::uint8_t { automatic, always, never };

struct server_options {
    transport_options transport{};
    std::vector<std::string> alpn{"h3"};
    /// What clients remember of the protocol above along with a ticket, as its settings: tickets
    /// made under others are not accepted for early data.
    std::string remembered;

    retry_mode retry = retry_mode::automatic;
    std::size_t half_open_before_retry = 100;  ///< In the whole process.
    std::size_t half_open_max = 4096;          ///< More are not answered.
    /// Of the whole process, with complete handshakes; more are refused. As many as are half-open
    /// can come on top.
    std::size_t connections_max = 100'000;

    /// Go on in version 2 with clients that begin with version 1 and offer both (RFC 9368).
    bool prefer_version_2 = false;

    bool early_data = true;  ///< Accept 0-RTT, each first flight once per process.
    /// Where clients shall go on after the handshake (section 9.6); sockets are opened there.
    std::optional<endpoint> preferred_v4;
    std::optional<endpoint> preferred_v6;

    /// Makes address tokens and reset tokens: processes that share it accept each other's. Random
    /// when not given.
    std::optional<std::array<std::byte, 32>> secret;
    std::uint16_t node = 0;       ///< Of several machines behind one address: in connection ids.
    std::uint8_t generation = 0;  ///< Of processes that replace each other: in connection ids.
    bool steer = true;  ///< Let the kernel pick the shard by connection id, after a migration too.
};

/// A server's connection, with what the protocol above may ask beyond `connection`.
class accepted_connection : public connection {
public:
    /// The address that the client sent to, with port.
    [[nodiscard]] virtual const endpoint& local() const noexcept = 0;
    /// The certificates that were shown; null before. Lifetime: the connection's.
    [[nodiscard]] virtual const tls::policy* shown() const noexcept = 0;
    [[nodiscard]] virtual bool resumed() const noexcept = 0;
    [[nodiscard]] virtual std::string cipher_text() const = 0;
};

/// Makes the protocol for each connection.
class service {
public:
    service() = default;
    service(const service&) = delete;
    service& operator=(const service&) = delete;
    virtual ~service() = default;

    /// Called on the connection's shard as soon as there are keys to send with, so `server_name`
    /// and `peer` are known; `on_ready` follows at once. Null: the connection is refused
    /// (CONNECTION_REFUSED, RFC 9000 section 20.1). Lifetime: `client` outlives the application.
    [[nodiscard]] virtual std::unique_ptr<application> accept(accepted_connection& client) = 0;
};

class server_endpoint;

/// What the endpoints of all shards of one process share. Any thread, unless said otherwise.
class server_group {
public:
    /// Fails with `invalid_argument` for options that can't be followed (a line in the log says
    /// which), or as `tls::server_context::make`. Lifetime: `context` outlives the group.
    [[nodiscard]] static result<std::unique_ptr<server_group>> make(tls::server_context& context,
                                                                    server_options options,
                                                                    unsigned shards);
    server_group(const server_group&) = delete;
    server_group& operator=(const server_group&) = delete;
    /// All endpoints must have died.
    virtual ~server_group() = default;

    /// Opens the sockets of all shards at each of `where`, before the endpoints are made; a port 0
    /// becomes the same free port for all shards. Fails with the errno of socket(2), setsockopt(2)
    /// or bind(2); then nothing stays open. May be called again for further addresses.
    [[nodiscard]] virtual result<void> listen(std::span<const endpoint> where) = 0;

    /// Where it listens, with the ports that were found, in the order of `listen`.
    [[nodiscard]] virtual std::span<const endpoint> listening() const noexcept = 0;

    /// Connections of all shards, half-open ones included.
    [[nodiscard]] virtual std::size_t open() const noexcept = 0;
    [[nodiscard]] virtual std::size_t half_open() const noexcept = 0;
    [[nodiscard]] virtual const server_options& options() const noexcept = 0;

protected:
    server_group() = default;
};

/// The connections of one shard and the sockets it has in the group. Made on the shard's thread,
/// used there, `counters` apart; `finish` must be awaited before it dies.
class server_endpoint {
public:
    /// The endpoint of the calling shard, whose `shard::id` must be below the group's count.
    /// Lifetime: both outlive it.
    [[nodiscard]] static std::unique_ptr<server_endpoint> make(server_group& group,
                                                               service& protocol);
    server_endpoint(const server_endpoint&) = delete;
    server_endpoint& operator=(const server_endpoint&) = delete;
    virtual ~server_endpoint() = default;

    /// Receives and serves until stopped. Cancel: ends taking new connections, which is what this
    /// call does; those that are open go on until `finish`. Resumes: on this shard.
    [[nodiscard]] virtual task<void> serve() = 0;

    /// New connections are refused from now on, `application::drain` is called of the others.
    virtual void drain() noexcept = 0;

    /// Drains, waits up to `patience` for the connections to end, closes the rest (with the
    /// application's `on_closed`), waits until their applications are through, and closes the
    /// sockets. Once. Cancel: what is left is closed at once. Resumes: on this shard.
    [[nodiscard]] virtual task<void> finish(std::chrono::milliseconds patience) = 0;

    /// Connections that are open here.
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;
    /// Any thread.
    [[nodiscard]] virtual const endpoint_counters& counters() const noexcept = 0;

protected:
    server_endpoint() = default;
};

}  // namespace ringway::quic
