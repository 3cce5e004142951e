#include <array>
#include <cstddef>
#include <gnutls/gnutls.h>
#include <memory>
#include <string>
#include <string_view>

#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/certificates.hpp>
#include <ringway/tls/server_context.hpp>

#include "quic/gnutls_session.hpp"
#include "quic/tls_session.hpp"
#include "tls/client_hello.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::quic::detail {
namespace {

class server_session final : public gnutls_session {
public:
    server_session(server_crypto& shared, gnutls_anti_replay_st* early,
                   ngtcp2_crypto_conn_ref& connection) noexcept
        : gnutls_session{GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET |
                             (early == nullptr ? 0U : unsigned{GNUTLS_ENABLE_EARLY_DATA}),
                         connection},
          shared_{shared} {
        if (early != nullptr) {
            constexpr std::size_t all = 0xffffffff;  // RFC 9001 section 4.6.1: the only size.
            gnutls_record_set_max_early_data_size(handle(), all);
            gnutls_anti_replay_enable(handle(), early);
        }
        gnutls_priority_set(handle(), shared.priorities());
        gnutls_certificate_server_set_request(handle(), GNUTLS_CERT_IGNORE);
        set_alpn(shared.options().alpn, GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
        gnutls_handshake_set_hook_function(
            handle(), GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
            [](gnutls_session_t made, unsigned, unsigned, unsigned incoming,
               const gnutls_datum_t* message) {
                const byte_view body{reinterpret_cast<const std::byte*>(message->data),
                                     message->size};
                auto& self = static_cast<server_session&>(of(made));
                return incoming == 0 ? 0 : self.choose_policy(body);
            });
    }

    // Several: a client that opens several connections at once needs one for each.
    void send_tickets() noexcept override {
        if (shared_.context().options().session_tickets) {
            gnutls_session_ticket_send(handle(), resumed() ? 1 : 2, 0);
        }
    }
    void handshake_is_over(ngtcp2_conn* connection) noexcept override { release(connection); }
    std::string_view server_name() const noexcept override { return server_name_; }
    bool early_data_offered() const noexcept override { return early_data_offered_; }
    const tls::policy* shown() const noexcept override { return shown_; }
    const std::shared_ptr<const tls::certificate_set>& certificates() const noexcept override {
        return certificates_;
    }

private:
    // What GnuTLS would pass over, or refuse with another error than the RFCs say.
    [[nodiscard]] int judge(const tls::client_hello& hello) const noexcept {
        if (!hello.is_readable) {
            return 0;  // It refuses what is damaged as it should.
        }
        if (!hello.offers_tls_1_3) {
            return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
        }
        if (!hello.has_null_compression_only) {
            return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;  // RFC 8446 section 4.1.2.
        }
        if (hello.has_session_id) {  // RFC 9001 section 8.4.
            ngtcp2_conn_set_tls_error(connection(), NGTCP2_ERR_PROTO);
            return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
        }
        if (!hello.has_alpn) {
            return GNUTLS_E_NO_APPLICATION_PROTOCOL;  // RFC 9001 section 8.1.
        }
        const bool is_whole =
            hello.has_signature_algorithms && hello.has_groups && hello.has_quic_parameters;
        return is_whole ? 0 : GNUTLS_E_MISSING_EXTENSION;  // RFC 9001 section 8.2.
    }

    // The first ClientHello decides: the one after a HelloRetryRequest asks for the same
    // (RFC 8446 section 4.1.2).
    [[nodiscard]] int choose_policy(byte_view message) noexcept {
        if (shown_ != nullptr) {
            return 0;
        }
        const tls::client_hello hello = tls::read_client_hello(message);
        if (const int refused = judge(hello); refused != 0) {
            return refused;
        }
        server_name_ = hello.server_name;
        early_data_offered_ = hello.offers_early_data;
        certificates_ = shared_.context().certificates().current();
        shown_ = &certificates_->find(server_name_);
        if (shared_.context().options().session_tickets) {
            std::array<std::byte, 64> key = shared_.ticket_secret(shown_->identity());
            const gnutls_datum_t datum{reinterpret_cast<unsigned char*>(key.data()), key.size()};
            gnutls_session_ticket_enable_server(handle(), &datum);
            tls::wipe(key);
        }
        return gnutls_credentials_set(handle(), GNUTLS_CRD_CERTIFICATE, shown_->credentials());
    }

    server_crypto& shared_;
    std::string server_name_;
    bool early_data_offered_ = false;
    std::shared_ptr<const tls::certificate_set> certificates_;
    const tls::policy* shown_ = nullptr;
};

}  // namespace

std::unique_ptr<tls_session> tls_session::accept(server_crypto& shared,
                                                 ngtcp2_crypto_conn_ref& connection) {
    return std::make_unique<server_session>(shared, shared.anti_replay(), connection);
}

}  // namespace ringway::quic::detail
