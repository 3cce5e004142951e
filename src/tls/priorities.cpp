#include "tls/priorities.hpp"

#include <algorithm>
#include <array>
#include <gnutls/gnutls.h>
#include <span>
#include <string>

#include <ringway/tls/types.hpp>

namespace ringway::tls {

std::string priority_text(std::span<const cipher> ciphers, bool allow_tls_1_2) {
    constexpr std::array by_speed{cipher::aes_128_gcm, cipher::aes_256_gcm,
                                  cipher::chacha20_poly1305};
    std::string text = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    text += allow_tls_1_2 ? ":+VERS-TLS1.2" : "";
    text += ":-CIPHER-ALL";
    for (const cipher each : ciphers.empty() ? std::span<const cipher>{by_speed} : ciphers) {
        text += ":+";
        text += name_of(each);
    }
    text += ":-MAC-ALL:+AEAD:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA";
    text += ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";
    // Not %SAFE_RENEGOTIATION: it refuses who does not send renegotiation_info, and clients of
    // TLS 1.3 need not (RFC 5746 is older). Insecure renegotiation is refused without it too.
    text += ":%SERVER_PRECEDENCE";
    return text;
}

std::string quic_priority_text(std::span<const cipher> ciphers) {
    return priority_text(ciphers, false) + ":%DISABLE_TLS13_COMPAT_MODE";
}

gnutls_priority_st* parse_priorities(const std::string& text) noexcept {
    gnutls_priority_t made = nullptr;
    return gnutls_priority_init(&made, text.c_str(), nullptr) == 0 ? made : nullptr;
}

bool are_alpn_names(std::span<const std::string> names) noexcept {
    const auto fits = [](const std::string& name) { return !name.empty() && name.size() <= 255; };
    return names.size() <= alpn_names_max && std::ranges::all_of(names, fits);
}

}  // namespace ringway::tls
