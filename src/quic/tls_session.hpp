// TLS 1.3 of one QUIC connection (RFC 9001): what GnuTLS and ngtcp2's glue to it need of us.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/tls/certificates.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>

struct gnutls_anti_replay_st;
struct gnutls_priority_st;
struct gnutls_session_int;

namespace ringway::quic {

class replay_register;

namespace detail {

class early_data_guard;

/// Of the system's clock.
[[nodiscard]] std::int64_t unix_now() noexcept;

struct server_crypto_options {
    std::vector<std::string> alpn{"h3"};
    /// Null: no early data (0-RTT). Else what keeps its first flights from being used twice.
    replay_register* early_data = nullptr;
    /// A digest of what a client remembers with a ticket: transport parameters and the settings of
    /// the protocol above. Tickets made under others are no use (RFC 9000 section 7.4.1).
    tls::digest remembered{};
    /// Seconds since 1970.
    std::int64_t (*unix_clock)() noexcept = unix_now;
};

/// What the QUIC handshakes of a server share. One per process; any thread. Certificates and the
/// ticket key are those of TLS over TCP.
class server_crypto {
public:
    /// Fails with `invalid_argument` as `tls::server_context::make`. Lifetime: `context` and the
    /// replay register outlive it, and it its sessions.
    [[nodiscard]] static result<std::unique_ptr<server_crypto>> make(tls::server_context& context,
                                                                     server_crypto_options options);
    server_crypto(const server_crypto&) = delete;
    server_crypto& operator=(const server_crypto&) = delete;
    ~server_crypto();

    [[nodiscard]] tls::server_context& context() const noexcept { return context_; }
    [[nodiscard]] const server_crypto_options& options() const noexcept { return options_; }
    [[nodiscard]] gnutls_priority_st* priorities() const noexcept { return priorities_; }

    /// The 64 bytes that GnuTLS seals tickets of the policy `identity` with. Bound to what clients
    /// remember, and to QUIC.
    [[nodiscard]] std::array<std::byte, 64> ticket_secret(
        const tls::digest& identity) const noexcept;

    /// For a session that begins now; null when early data is refused.
    [[nodiscard]] gnutls_anti_replay_st* anti_replay() noexcept;

private:
    server_crypto(tls::server_context& context, server_crypto_options options) noexcept;

    tls::server_context& context_;
    server_crypto_options options_;
    gnutls_priority_st* priorities_ = nullptr;
    std::unique_ptr<early_data_guard> guard_;
};

/// Lives as long as its ngtcp2_conn.
class tls_session {
public:
    tls_session() = default;
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;
    virtual ~tls_session() = default;

    [[nodiscard]] static std::unique_ptr<tls_session> accept(server_crypto& shared,
                                                             ngtcp2_crypto_conn_ref& connection);

    /// `host` is asked for and verified; an IP address is not sent. `resume` is what an earlier
    /// connection's `resumption_data` yielded, or empty.
    [[nodiscard]] static std::unique_ptr<tls_session> connect(const tls::client_context& context,
                                                              std::string_view host,
                                                              byte_view resume,
                                                              ngtcp2_crypto_conn_ref& connection);

    /// The bytes of CRYPTO frames that have come, in order: the handshake goes on. For ngtcp2's
    /// callback; yields what that returns: 0, NGTCP2_ERR_CRYPTO with an alert set, or another
    /// error that ends the connection.
    [[nodiscard]] virtual int receive(ngtcp2_conn* connection, ngtcp2_encryption_level level,
                                      byte_view bytes) noexcept = 0;

    /// For ngtcp2_conn_set_tls_native_handle. Null once a server's is not needed any more.
    [[nodiscard]] virtual gnutls_session_int* handle() const noexcept = 0;

    /// The handshake is complete and its tickets are sent, and ngtcp2 is not under way: a server's
    /// gives GnuTLS's memory back. All but `handle` can be asked as before. Once or more.
    virtual void handshake_is_over(ngtcp2_conn* connection) noexcept = 0;

    /// A server's, once the handshake is complete: sends session tickets.
    virtual void send_tickets() noexcept = 0;

    /// A server's: what the client asked for (SNI), and the certificates that it was shown.
    [[nodiscard]] virtual std::string_view server_name() const noexcept = 0;
    [[nodiscard]] virtual const tls::policy* shown() const noexcept = 0;
    [[nodiscard]] virtual const std::shared_ptr<const tls::certificate_set>& certificates()
        const noexcept = 0;

    [[nodiscard]] virtual bool resumed() const noexcept = 0;
    [[nodiscard]] virtual bool early_data_accepted() const noexcept = 0;
    /// A server's: the client has sent some, or would have.
    [[nodiscard]] virtual bool early_data_offered() const noexcept = 0;
    /// "AES-128-GCM".
    [[nodiscard]] virtual std::string cipher_text() const = 0;

    /// A client's: what makes the next connection shorter; empty until a ticket has come.
    [[nodiscard]] virtual std::vector<std::byte> resumption_data() const = 0;

    /// After a failure: GnuTLS's words, as why a certificate was not accepted; "" for none.
    [[nodiscard]] virtual std::string problem() const = 0;
};

}  // namespace detail
}  // namespace ringway::quic
