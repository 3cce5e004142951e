// One certificate chain with its key: read from PEM and checked.
#pragma once

#include <cstdint>
#include <expected>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <memory>
#include <string>
#include <vector>

#include <ringway/tls/certificates.hpp>

namespace ringway::tls {

struct certificate_release {
    void operator()(gnutls_x509_crt_int* held) const noexcept { ::gnutls_x509_crt_deinit(held); }
};
struct key_release {
    void operator()(gnutls_x509_privkey_int* held) const noexcept {
        ::gnutls_x509_privkey_deinit(held);
    }
};
using certificate_handle = std::unique_ptr<gnutls_x509_crt_int, certificate_release>;
using key_handle = std::unique_ptr<gnutls_x509_privkey_int, key_release>;

/// A chain and a key that belong together.
struct certificate_pair {
    std::vector<certificate_handle> chain;  ///< Never empty; the server's own first.
    key_handle key;
    certificate_facts facts;
};

/// Longer chains than this are refused.
inline constexpr std::size_t chain_length_max = 16;

/// Reads and checks a pair. Fails with a line for the operator, as `certificate_set::make` says.
[[nodiscard]] std::expected<certificate_pair, std::string> read_pair(const certificate_text& text,
                                                                     std::int64_t now_unix_s);

/// Names that a certificate is for: of subjectAltName (RFC 6125 section 6.4), else its common name.
[[nodiscard]] std::vector<std::string> names_in(gnutls_x509_crt_int* certificate);

/// SHA-256 of the SubjectPublicKeyInfo.
[[nodiscard]] digest pin_of(gnutls_x509_crt_int* certificate) noexcept;

}  // namespace ringway::tls
