// The backends of aead.hpp and block_cipher.hpp.
#pragma once

#include <memory>

#include <ringway/base/bytes.hpp>

#include "tls/aead.hpp"
#include "tls/block_cipher.hpp"

namespace ringway::tls {

[[nodiscard]] std::unique_ptr<aead> make_gnutls_aead(cipher which, byte_view key);

/// Null without the library, or on a processor without AVX2 and AES-NI.
[[nodiscard]] std::unique_ptr<aead> make_ipsec_mb_aead(cipher which, byte_view key);
[[nodiscard]] bool ipsec_mb_works() noexcept;

/// Null where make_ipsec_mb_aead would be, and for ChaCha20.
[[nodiscard]] std::unique_ptr<block_cipher> make_aes_ni_block_cipher(cipher which, byte_view key);

}  // namespace ringway::tls
