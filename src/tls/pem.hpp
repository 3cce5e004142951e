// Finding the blocks in a PEM text (RFC 7468).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace ringway::tls {

/// The blocks "CERTIFICATE" ("X509 CERTIFICATE", "TRUSTED CERTIFICATE" are older forms of it that
/// are not taken), from the dashes to the dashes. Blocks without an end are left out.
/// Lifetime: as `text`.
[[nodiscard]] std::vector<std::string_view> certificate_blocks(std::string_view text);

/// The first block whose label ends in "PRIVATE KEY". Lifetime: as `text`.
[[nodiscard]] std::optional<std::string_view> find_key_block(std::string_view text) noexcept;

/// Whether a key block needs a password: by its label (PKCS #8), or its header (RFC 1421).
[[nodiscard]] bool is_encrypted(std::string_view key_block) noexcept;

/// Whether some line begins a block.
[[nodiscard]] bool looks_like_pem(std::string_view text) noexcept;

/// Whether it begins as a DER SEQUENCE of some length.
[[nodiscard]] bool looks_like_der(std::string_view text) noexcept;

}  // namespace ringway::tls
