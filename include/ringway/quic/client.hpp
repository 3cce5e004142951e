// A client's QUIC connection on a UDP socket of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/quic/counters.hpp>
#include <ringway/quic/options.hpp>
#include <ringway/tls/client_context.hpp>

namespace ringway::quic {

/// The versions to speak: the first is tried, the others are offered (RFC 9368, RFC 9369).
enum class version : std::uint8_t { v1, v2 };

/// What an earlier connection to the same server has left for the next one. Parts may be empty.
struct resumption {
    std::vector<std::byte> session;     ///< Of TLS: saves the certificate and allows early data.
    std::vector<std::byte> parameters;  ///< The server's transport parameters, for early data.
    std::vector<std::byte> token;       ///< Of NEW_TOKEN: proves our address (RFC 9000, 8.1.3).
    /// What the protocol above remembers of the server along with `session` (RFC 9114 section
    /// 7.2.4.2). QUIC neither fills it nor reads it.
    std::vector<std::byte> application = {};
};

/// As a client has them: rarer acknowledgements cost a server less, and windows do not grow. Grown
/// apart, a stream's can pass the connection's; servers that then call a stream blocked at an
/// offset that the connection did not allow (quiche does) break ngtcp2's reading of RFC 9000
/// section 19.13, and it closes with FLOW_CONTROL_ERROR.
[[nodiscard]] inline transport_options client_transport() {
    transport_options options;
    options.acknowledge_every = 10;
    options.datagram_received_max = 65527;
    options.stream_window = options.stream_window_max = std::uint64_t{8} * 1024 * 1024;
    options.connection_window = options.connection_window_max = std::uint64_t{32} * 1024 * 1024;
    return options;
}

struct client_options {
    transport_options transport = client_transport();
    std::vector<version> versions{version::v1, version::v2};
    /// Send early data when `resumption` allows it; never more than once per session.
    bool early_data = true;
    /// Where to send from: an address and port; none: what the kernel picks.
    endpoint local;
    /// Go to the server's preferred address when it names one (section 9.6).
    bool follow_preferred_address = true;
};

/// Makes the protocol on the connection. Called once.
using make_application = std::move_only_function<std::unique_ptr<application>(connection&)>;

/// How a connection ended.
struct closing {
    /// `none` for our own or the peer's clean close; `timed_out`, `closed` by a reset or when
    /// nobody listens there, `unsupported` when it has no version of ours, `malformed` for
    /// violations and refused handshakes.
    error reason;
    bool by_peer = false;
    bool by_application = false;  ///< `code` is the application's, else of RFC 9000 section 20.1.
    std::uint64_t code = 0;
    std::string text;  ///< The peer's reason, or GnuTLS's about a certificate. Bytes of a peer.
};

/// Used on the shard it was made on. `finish` must be awaited before it dies.
class client_connection {
public:
    /// Opens a socket and starts the handshake with `server`; nothing is resolved here. `host` is
    /// what the certificate must be for: a DNS name or an IP address. When early data is possible
    /// the application's `on_ready` is called before this returns.
    ///
    /// Fails with the errno of socket(2), bind(2) or connect(2), `invalid_argument` for options
    /// that can't be followed. Lifetime: `context` outlives the connection.
    [[nodiscard]] static result<std::unique_ptr<client_connection>> open(
        const endpoint& server, std::string_view host, const tls::client_context& context,
        make_application protocol, const client_options& options = {},
        const resumption& earlier = {});
    client_connection(const client_connection&) = delete;
    client_connection& operator=(const client_connection&) = delete;
    virtual ~client_connection() = default;

    [[nodiscard]] virtual connection& link() noexcept = 0;

    /// Waits until the handshake is complete. Fails as `closing::reason` says, or with `canceled`;
    /// the connection goes on then. Resumes: on this shard.
    [[nodiscard]] virtual task<result<void>> handshake() = 0;

    /// Waits until the server has confirmed the handshake (RFC 9001 section 4.1.2), before which
    /// `migrate` and `update_keys` are refused. Fails as `handshake`. Resumes: on this shard.
    [[nodiscard]] virtual task<result<void>> confirmation() = 0;

    /// Waits until the connection is over, and says how. Yields at once after that. Fails with
    /// `canceled` only. Resumes: on this shard.
    [[nodiscard]] virtual task<result<void>> ended() = 0;
    /// Valid once it is over.
    [[nodiscard]] virtual const closing& how_it_ended() const noexcept = 0;

    /// Closes the connection with 0 of RFC 9000 section 20.1 unless it is over, waits until its
    /// application is through, and closes the socket. Once. Cancel: has no effect.
    [[nodiscard]] virtual task<void> finish() = 0;

    /// Moves to the local address `where` (port 0: any) after the path from there was validated
    /// (RFC 9000 section 9.2). Fails with `would_block` before `confirmation` or while the server
    /// has not given a further connection id, `not_permitted` without an errno where its transport
    /// parameters forbid it, and the errno of socket(2), bind(2) or connect(2).
    [[nodiscard]] virtual result<void> migrate(const endpoint& where) = 0;

    /// Sends from `where` from now on without telling, as if a NAT had changed our port. Fails as
    /// `migrate`, but never with `would_block`.
    [[nodiscard]] virtual result<void> rebind(const endpoint& where) = 0;

    /// Uses new keys (RFC 9001 section 6). Fails with `would_block` while the last ones are too
    /// young or the handshake is not confirmed.
    [[nodiscard]] virtual result<void> update_keys() = 0;

    /// What to keep for the next connection; what has not come yet is empty.
    [[nodiscard]] virtual resumption resumption_data() const = 0;

    [[nodiscard]] virtual bool resumed() const noexcept = 0;
    [[nodiscard]] virtual bool early_data_accepted() const noexcept = 0;
    /// "AES-128-GCM".
    [[nodiscard]] virtual std::string cipher_text() const = 0;
    /// 1, 0x6b3343cf for version 2; 0 before it is known.
    [[nodiscard]] virtual std::uint32_t version_in_use() const noexcept = 0;
    /// Where we are and where the server is at the moment.
    [[nodiscard]] virtual const endpoint& local() const noexcept = 0;
    /// This connection's only.
    [[nodiscard]] virtual const endpoint_counters& counters() const noexcept = 0;

protected:
    client_connection() = default;
};

}  // namespace ringway::quic
