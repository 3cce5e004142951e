#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <gnutls/gnutls.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/client_context.hpp>

#include "quic/gnutls_session.hpp"
#include "quic/ticket_message.hpp"
#include "quic/tls_session.hpp"

namespace ringway::quic::detail {
namespace {

bool is_address(const std::string& host) noexcept {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

constexpr std::byte takes_early_data{1};  // In front of GnuTLS's data.

class client_session final : public gnutls_session {
public:
    client_session(const tls::client_context& context, std::string_view host, byte_view resume,
                   ngtcp2_crypto_conn_ref& connection)
        : gnutls_session{GNUTLS_CLIENT | (!resume.empty() && resume[0] == takes_early_data
                                              ? unsigned{GNUTLS_ENABLE_EARLY_DATA}
                                              : 0U),
                         connection},
          host_{host} {
        gnutls_priority_set(handle(), context.quic_priorities());
        gnutls_credentials_set(handle(), GNUTLS_CRD_CERTIFICATE, context.credentials());
        set_alpn(context.options().alpn, 0);
        if (!is_address(host_)) {
            gnutls_server_name_set(handle(), GNUTLS_NAME_DNS, host_.data(), host_.size());
        }
        if (context.options().verify) {
            gnutls_session_set_verify_cert(handle(), host_.c_str(), 0);
        }
        if (!resume.empty()) {  // Data that is no use only means a full handshake.
            gnutls_session_set_data(handle(), resume.data() + 1, resume.size() - 1);
        }
        gnutls_handshake_set_hook_function(
            handle(), GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
            [](gnutls_session_t made, unsigned type, unsigned, unsigned incoming,
               const gnutls_datum_t* message) {
                const byte_view body{reinterpret_cast<const std::byte*>(message->data),
                                     message->size};
                auto& self = static_cast<client_session&>(of(made));
                return incoming == 0 ? 0 : self.look_at(type, body);
            });
    }

    std::vector<std::byte> resumption_data() const override {
        if ((gnutls_session_get_flags(handle()) & GNUTLS_SFLAGS_SESSION_TICKET) == 0) {
            return {};
        }
        gnutls_datum_t data{};
        if (gnutls_session_get_data2(handle(), &data) != 0) {
            return {};
        }
        const auto* const start = reinterpret_cast<const std::byte*>(data.data);
        std::vector<std::byte> copy{ticket_takes_early_data_ ? takes_early_data : std::byte{0}};
        copy.insert(copy.end(), start, start + data.size);
        gnutls_free(data.data);
        return copy;
    }

protected:
    std::string explain(int code) const override {
        if (code != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
            return gnutls_session::explain(code);
        }
        gnutls_datum_t text{};
        const unsigned status = gnutls_session_get_verify_cert_status(handle());
        if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) != 0) {
            return gnutls_session::explain(code);
        }
        std::string said{reinterpret_cast<const char*>(text.data), text.size};
        gnutls_free(text.data);
        while (said.ends_with(' ')) {
            said.pop_back();
        }
        return said;
    }

private:
    [[nodiscard]] int look_at(unsigned type, byte_view message) noexcept {
        if (type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET) {
            ticket_takes_early_data_ = allows_early_data(message);
        }
        gnutls_datum_t chosen{};  // QUIC does not go on without (RFC 9001 section 8.1).
        return type == GNUTLS_HANDSHAKE_FINISHED &&
                       gnutls_alpn_get_selected_protocol(handle(), &chosen) != 0
                   ? GNUTLS_E_NO_APPLICATION_PROTOCOL
                   : 0;
    }

    std::string host_;
    bool ticket_takes_early_data_ = false;
};

}  // namespace

std::unique_ptr<tls_session> tls_session::connect(const tls::client_context& context,
                                                  std::string_view host, byte_view resume,
                                                  ngtcp2_crypto_conn_ref& connection) {
    return std::make_unique<client_session>(context, host, resume, connection);
}

}  // namespace ringway::quic::detail
