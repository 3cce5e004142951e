// GnuTLS priority strings.
#pragma once

#include <span>
#include <string>

#include <ringway/tls/types.hpp>

struct gnutls_priority_st;

namespace ringway::tls {

/// What to speak: TLS 1.3, and 1.2 if allowed, with AEADs and ephemeral keys only. `ciphers` by
/// preference; empty: the default order, which is by speed here.
[[nodiscard]] std::string priority_text(std::span<const cipher> ciphers, bool allow_tls_1_2);

/// The same for QUIC: TLS 1.3 without what makes it look like 1.2 (RFC 9001 section 4.2, 8.4).
[[nodiscard]] std::string quic_priority_text(std::span<const cipher> ciphers);

/// Parsed; null when GnuTLS refuses it. The caller frees it with gnutls_priority_deinit.
[[nodiscard]] gnutls_priority_st* parse_priorities(const std::string& text) noexcept;

constexpr unsigned alpn_names_max = 16;  ///< More than there are protocols.

/// Whether all names can be sent in ALPN (RFC 7301 3.1): 1 to 255 bytes each, not too many.
[[nodiscard]] bool are_alpn_names(std::span<const std::string> names) noexcept;

}  // namespace ringway::tls
