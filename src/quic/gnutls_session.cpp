#include "quic/gnutls_session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <gnutls/gnutls.h>
#include <memory>
#include <span>
#include <string>
#include <sys/types.h>
#include <utility>

#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/certificates.hpp>

#include "quic/handshake_guard.hpp"
#include "quic/packet_protection.hpp"
#include "tls/alert.hpp"
#include "tls/priorities.hpp"

namespace ringway::quic::detail {
namespace {

// All bytes go through CRYPTO frames; records would be a bug of ours or of GnuTLS.
ssize_t push_nothing(void*, const void*, std::size_t) { return -1; }
ssize_t pull_nothing(void* self, void*, std::size_t) {
    gnutls_transport_set_errno(static_cast<gnutls_session*>(self)->handle(), EAGAIN);
    return -1;
}

// ngtcp2's glue knows GnuTLS's pointers, which are even, and none of it runs after the handshake.
constexpr std::uintptr_t released = 1;

}  // namespace

gnutls_session::gnutls_session(unsigned flags, ngtcp2_crypto_conn_ref& connection) noexcept
    : guard_{(flags & GNUTLS_SERVER) != 0 ? handshake_guard::side::server
                                          : handshake_guard::side::client} {
    constexpr unsigned quic_flags = GNUTLS_NONBLOCK | GNUTLS_NO_END_OF_EARLY_DATA;
    const int failed = gnutls_init(&handle_, flags | quic_flags);
    RW_ASSERT(failed == 0);
    const bool serves = (flags & GNUTLS_SERVER) != 0;
    const int refused = serves ? ngtcp2_crypto_gnutls_configure_server_session(handle_)
                               : ngtcp2_crypto_gnutls_configure_client_session(handle_);
    RW_ASSERT(refused == 0);
    gnutls_handshake_set_secret_function(
        handle_, [](gnutls_session_t made, gnutls_record_encryption_level_t level, const void* read,
                    const void* write, std::size_t size) {
            return install_secrets(made, static_cast<int>(level), read, write, size);
        });
    gnutls_handshake_set_max_packet_length(handle_, handshake_guard::message_bytes_max);
    gnutls_session_set_ptr(handle_, &connection);
    gnutls_transport_set_ptr(handle_, this);
    gnutls_transport_set_push_function(handle_, push_nothing);
    gnutls_transport_set_pull_function(handle_, pull_nothing);
    gnutls_transport_set_pull_timeout_function(handle_, [](void*, unsigned) { return 0; });
}

gnutls_session::~gnutls_session() { gnutls_deinit(handle_); }

gnutls_session& gnutls_session::behind(void* native_handle) noexcept {
    if ((reinterpret_cast<std::uintptr_t>(native_handle) & released) != 0) {
        return *reinterpret_cast<gnutls_session*>(static_cast<char*>(native_handle) - released);
    }
    return of(static_cast<gnutls_session_int*>(native_handle));
}

void gnutls_session::release(ngtcp2_conn* connection) noexcept {
    if (handle_ == nullptr) {
        return;
    }
    resumed_ = resumed();
    early_data_accepted_ = early_data_accepted();
    cipher_name_ = cipher_name();
    gnutls_deinit(std::exchange(handle_, nullptr));
    ngtcp2_conn_set_tls_native_handle(connection, reinterpret_cast<char*>(this) + released);
}

gnutls_session& gnutls_session::of(gnutls_session_int* made) noexcept {
    return *static_cast<gnutls_session*>(gnutls_transport_get_ptr(made));
}

ngtcp2_conn* gnutls_session::connection() const noexcept {
    auto* const ref = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(handle_));
    return ref->get_conn(ref);
}

void gnutls_session::set_alpn(std::span<const std::string> names, unsigned flags) noexcept {
    std::array<gnutls_datum_t, tls::alpn_names_max> list{};
    RW_ASSERT(names.size() <= list.size());
    std::ranges::transform(names, list.begin(), [](const std::string& name) {
        auto* const text = const_cast<char*>(name.data());  // GnuTLS copies it.
        return gnutls_datum_t{reinterpret_cast<unsigned char*>(text),
                              static_cast<unsigned>(name.size())};
    });
    if (!names.empty()) {
        gnutls_alpn_set_protocols(handle_, list.data(), static_cast<unsigned>(names.size()), flags);
    }
}

int gnutls_session::receive(ngtcp2_conn* connection, ngtcp2_encryption_level level,
                            byte_view bytes) noexcept {
    if (const auto said = guard_.judge(level, bytes); said != handshake_guard::verdict::fine) {
        return refuse(connection, said);
    }
    if (handle_ == nullptr) {
        return refuse(connection, handshake_guard::verdict::unexpected_message);
    }
    if (!bytes.empty()) {
        const auto at = ngtcp2_crypto_gnutls_from_ngtcp2_encryption_level(level);
        const int code = gnutls_handshake_write(handle_, at, bytes.data(), bytes.size());
        if (code != 0) {
            return gnutls_error_is_fatal(code) != 0 ? fail_with(connection, code) : 0;
        }
    }
    if (ngtcp2_conn_get_handshake_completed(connection) != 0) {
        return 0;
    }
    const int code = gnutls_handshake(handle_);
    if (code != 0) {
        return gnutls_error_is_fatal(code) != 0 ? fail_with(connection, code) : 0;
    }
    ngtcp2_conn_tls_handshake_completed(connection);
    return 0;
}

int gnutls_session::refuse(ngtcp2_conn* connection, handshake_guard::verdict said) noexcept {
    problem_ = "The peer has sent a TLS message that QUIC does not allow there.";
    if (said == handshake_guard::verdict::too_long) {
        return NGTCP2_ERR_CRYPTO_BUFFER_EXCEEDED;
    }
    if (said == handshake_guard::verdict::protocol_violation) {
        return NGTCP2_ERR_PROTO;
    }
    ngtcp2_conn_set_tls_alert(connection,
                              static_cast<std::uint8_t>(tls::alert::unexpected_message));
    return NGTCP2_ERR_CRYPTO;
}

// The alert reaches ngtcp2 through its glue, which is told of every one that GnuTLS sends.
int gnutls_session::fail_with(ngtcp2_conn* connection, int code) noexcept {
    problem_ = explain(code);
    gnutls_alert_send_appropriate(handle_, code);
    const int error = ngtcp2_conn_get_tls_error(connection);
    return error != 0 ? error : NGTCP2_ERR_CRYPTO;
}

std::string gnutls_session::explain(int code) const { return gnutls_strerror(code); }

bool gnutls_session::resumed() const noexcept {
    return handle_ == nullptr ? resumed_ : gnutls_session_is_resumed(handle_) != 0;
}

bool gnutls_session::early_data_accepted() const noexcept {
    return handle_ == nullptr ? early_data_accepted_
                              : (gnutls_session_get_flags(handle_) & GNUTLS_SFLAGS_EARLY_DATA) != 0;
}

// Of static memory.
const char* gnutls_session::cipher_name() const noexcept {
    if (handle_ == nullptr) {
        return cipher_name_;
    }
    const auto cipher = gnutls_cipher_get(handle_);
    return cipher == GNUTLS_CIPHER_NULL || cipher == GNUTLS_CIPHER_UNKNOWN
               ? ""
               : gnutls_cipher_get_name(cipher);
}

std::string gnutls_session::cipher_text() const { return cipher_name(); }

const std::shared_ptr<const tls::certificate_set>& gnutls_session::certificates() const noexcept {
    static const std::shared_ptr<const tls::certificate_set> none;
    return none;
}

}  // namespace ringway::quic::detail
