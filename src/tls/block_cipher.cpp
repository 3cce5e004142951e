#include "tls/block_cipher.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <memory>
#include <span>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"
#include "tls/aead_backends.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::tls {
namespace {

// GnuTLS has no ECB: one block of CBC behind an IV of zeros is the same.
gnutls_cipher_algorithm_t algorithm_of(cipher which) noexcept {
    switch (which) {
        case cipher::aes_128_gcm: return GNUTLS_CIPHER_AES_128_CBC;
        case cipher::aes_256_gcm: return GNUTLS_CIPHER_AES_256_CBC;
        case cipher::chacha20_poly1305: break;
    }
    return GNUTLS_CIPHER_CHACHA20_32;
}

class gnutls_block_cipher final : public block_cipher {
public:
    gnutls_block_cipher(cipher which, byte_view key) noexcept
        : is_chacha20_{which == cipher::chacha20_poly1305} {
        auto* const bytes = const_cast<std::byte*>(key.data());  // Only read.
        const gnutls_datum_t datum{reinterpret_cast<unsigned char*>(bytes),
                                   static_cast<unsigned>(key.size())};
        const int failed = gnutls_cipher_init(&handle_, algorithm_of(which), &datum, nullptr);
        RW_ASSERT(failed == 0);
    }
    ~gnutls_block_cipher() override { gnutls_cipher_deinit(handle_); }

    void masks(std::span<const std::uint8_t* const> samples,
               std::span<mask> into) noexcept override {
        RW_ASSERT(samples.size() == into.size());
        std::ranges::transform(samples, into.begin(),
                               [this](const std::uint8_t* sample) { return mask_of(sample); });
    }

private:
    [[nodiscard]] mask mask_of(const std::uint8_t* sample) noexcept {
        std::array<std::uint8_t, sample_bytes> iv{};
        std::array<std::uint8_t, sample_bytes> text{};
        std::array<std::uint8_t, sample_bytes> made{};
        std::copy_n(sample, sample_bytes, is_chacha20_ ? iv.begin() : text.begin());
        gnutls_cipher_set_iv(handle_, iv.data(), iv.size());
        const int failed =
            gnutls_cipher_encrypt2(handle_, text.data(), text.size(), made.data(), made.size());
        RW_ASSERT(failed == 0);
        mask first{};
        std::copy_n(made.begin(), first.size(), first.begin());
        return first;
    }

    gnutls_cipher_hd_t handle_ = nullptr;
    bool is_chacha20_;
};

}  // namespace

std::unique_ptr<block_cipher> make_block_cipher(cipher which, byte_view key, aead_backend by) {
    RW_ASSERT(key.size() == key_bytes_of(which) && has_backend(which, by));
    // Of ChaCha20 one block is not worth another library.
    if (which != cipher::chacha20_poly1305 && by != aead_backend::gnutls &&
        has_backend(which, aead_backend::ipsec_mb)) {
        return make_aes_ni_block_cipher(which, key);
    }
    return std::make_unique<gnutls_block_cipher>(which, key);
}

}  // namespace ringway::tls
