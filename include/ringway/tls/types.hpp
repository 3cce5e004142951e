// Names of what a TLS connection has agreed on.
#pragma once

#include <cstdint>
#include <string_view>

namespace ringway::tls {

/// The AEADs of TLS 1.3 that are spoken here (RFC 8446 B.4).
enum class cipher : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

enum class version : std::uint8_t { none, tls_1_2, tls_1_3 };

/// "AES-128-GCM", as GnuTLS priority strings spell it.
[[nodiscard]] std::string_view name_of(cipher which) noexcept;

/// "TLSv1.3"; empty for `none`.
[[nodiscard]] std::string_view name_of(version which) noexcept;

}  // namespace ringway::tls
