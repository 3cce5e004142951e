#include <ringway/tls/client_context.hpp>

#include <gnutls/gnutls.h>
#include <memory>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>

#include "tls/key_log.hpp"
#include "tls/priorities.hpp"

namespace ringway::tls {

client_context::client_context(client_options options) noexcept : options_{std::move(options)} {
    const int failed = gnutls_certificate_allocate_credentials(&credentials_);
    RW_ASSERT(failed == 0);
}

client_context::~client_context() {
    gnutls_certificate_free_credentials(credentials_);
    gnutls_priority_deinit(priorities_);
    gnutls_priority_deinit(quic_priorities_);
}

result<std::unique_ptr<client_context>> client_context::make(client_options options) {
    if (!are_alpn_names(options.alpn)) {
        return fail(errc::invalid_argument);
    }
    protect_key_log();
    std::unique_ptr<client_context> made{new client_context{std::move(options)}};
    const client_options& given = made->options_;
    made->priorities_ = parse_priorities(priority_text(given.ciphers, given.allow_tls_1_2));
    made->quic_priorities_ = parse_priorities(quic_priority_text(given.ciphers));
    if (made->priorities_ == nullptr || made->quic_priorities_ == nullptr) {
        return fail(errc::invalid_argument);
    }
    if (given.verify) {
        const int trusted =
            given.trust_file.empty()
                ? gnutls_certificate_set_x509_system_trust(made->credentials_)
                : gnutls_certificate_set_x509_trust_file(
                      made->credentials_, given.trust_file.c_str(), GNUTLS_X509_FMT_PEM);
        if (trusted <= 0) {
            return fail(errc::not_found);
        }
    }
    return made;
}

}  // namespace ringway::tls
