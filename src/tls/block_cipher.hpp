// Single blocks of a cipher: what QUIC masks its packet headers with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"

namespace ringway::tls {

/// One key; for one thread.
class block_cipher {
public:
    static constexpr std::size_t sample_bytes = 16;
    static constexpr std::size_t mask_bytes = 5;
    using mask = std::array<std::uint8_t, mask_bytes>;

    block_cipher() = default;
    block_cipher(const block_cipher&) = delete;
    block_cipher& operator=(const block_cipher&) = delete;
    virtual ~block_cipher() = default;

    /// The masks of the samples (RFC 9001 section 5.4.3, 5.4.4), each of `sample_bytes`: for AES
    /// the sample encrypted, for ChaCha20 zeros encrypted with the sample as counter and nonce.
    /// Many at once take little more time than one. Requires samples.size() == into.size().
    virtual void masks(std::span<const std::uint8_t* const> samples,
                       std::span<mask> into) noexcept = 0;
};

/// Makes one. Requires a key of the right size, and a backend that `has_backend` has; those of AES
/// on ipsec_mb use AES-NI, and ChaCha20 is always GnuTLS's.
[[nodiscard]] std::unique_ptr<block_cipher> make_block_cipher(
    cipher which, byte_view key, aead_backend by = aead_backend::automatic);

}  // namespace ringway::tls
