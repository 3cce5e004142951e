// What the TLS sessions of a QUIC server and of a client have in common.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/certificates.hpp>

#include "quic/handshake_guard.hpp"
#include "quic/packet_protection.hpp"
#include "quic/tls_session.hpp"

struct gnutls_session_int;

namespace ringway::quic::detail {

/// Owns the GnuTLS session, and finds itself from it: ngtcp2's glue wants the session's pointer for
/// itself, so this lies where a transport has its own.
class gnutls_session : public tls_session {
public:
    ~gnutls_session() override;

    [[nodiscard]] int receive(ngtcp2_conn* connection, ngtcp2_encryption_level level,
                              byte_view bytes) noexcept override;
    void handshake_is_over(ngtcp2_conn* connection) noexcept override {
        static_cast<void>(connection);
    }
    [[nodiscard]] gnutls_session_int* handle() const noexcept override { return handle_; }
    [[nodiscard]] bool resumed() const noexcept override;
    [[nodiscard]] bool early_data_accepted() const noexcept override;
    [[nodiscard]] std::string cipher_text() const override;
    [[nodiscard]] std::string problem() const override { return problem_; }

    // What only one of the sides has.
    void send_tickets() noexcept override {}
    [[nodiscard]] std::string_view server_name() const noexcept override { return {}; }
    [[nodiscard]] bool early_data_offered() const noexcept override { return false; }
    [[nodiscard]] const tls::policy* shown() const noexcept override { return nullptr; }
    [[nodiscard]] const std::shared_ptr<const tls::certificate_set>& certificates()
        const noexcept override;
    [[nodiscard]] std::vector<std::byte> resumption_data() const override { return {}; }

    [[nodiscard]] packet_sealing sealing() const noexcept { return sealing_; }

    /// The one that `made` belongs to.
    [[nodiscard]] static gnutls_session& of(gnutls_session_int* made) noexcept;
    /// The one of the connection that has this as its native handle, before and after `release`.
    [[nodiscard]] static gnutls_session& behind(void* native_handle) noexcept;

protected:
    /// `flags`: of gnutls_init, beyond those that QUIC needs.
    gnutls_session(unsigned flags, ngtcp2_crypto_conn_ref& connection) noexcept;

    [[nodiscard]] ngtcp2_conn* connection() const noexcept;
    void set_alpn(std::span<const std::string> names, unsigned flags) noexcept;
    /// Frees what GnuTLS has, which is a dozen kilobytes: nothing of TLS may come any more. What
    /// can be asked is kept.
    void release(ngtcp2_conn* connection) noexcept;
    /// One sentence about what went wrong, from GnuTLS's `code`.
    [[nodiscard]] virtual std::string explain(int code) const;

private:
    [[nodiscard]] const char* cipher_name() const noexcept;
    [[nodiscard]] int fail_with(ngtcp2_conn* connection, int code) noexcept;
    [[nodiscard]] int refuse(ngtcp2_conn* connection, handshake_guard::verdict said) noexcept;

    gnutls_session_int* handle_ = nullptr;  // Null once it is released; then these are known:
    const char* cipher_name_ = "";
    bool resumed_ = false;
    bool early_data_accepted_ = false;
    handshake_guard guard_;
    packet_sealing sealing_ = sealing_in_use();
    std::string problem_;
};

}  // namespace ringway::quic::detail
