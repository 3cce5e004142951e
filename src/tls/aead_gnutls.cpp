#include <algorithm>
#include <cstddef>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <memory>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"
#include "tls/aead_backends.hpp"

namespace ringway::tls {
namespace {

gnutls_cipher_algorithm_t algorithm_of(cipher which) noexcept {
    switch (which) {
        case cipher::aes_128_gcm: return GNUTLS_CIPHER_AES_128_GCM;
        case cipher::aes_256_gcm: return GNUTLS_CIPHER_AES_256_GCM;
        case cipher::chacha20_poly1305: break;
    }
    return GNUTLS_CIPHER_CHACHA20_POLY1305;
}

class gnutls_aead final : public aead {
public:
    gnutls_aead(cipher which, byte_view key) noexcept {
        auto* const bytes = const_cast<std::byte*>(key.data());  // Only read.
        const gnutls_datum_t datum{reinterpret_cast<unsigned char*>(bytes),
                                   static_cast<unsigned>(key.size())};
        const int failed = gnutls_aead_cipher_init(&handle_, algorithm_of(which), &datum);
        RW_ASSERT(failed == 0);  // All three are always there; a key has the right size.
    }
    ~gnutls_aead() override { gnutls_aead_cipher_deinit(handle_); }

    void seal(const nonce& number, byte_view header, const plaintext& what) noexcept override {
        std::byte* const rest = std::ranges::copy(what.more, what.into + what.placed).out;
        *rest = what.type;
        std::size_t sealed = what.size() + tag_bytes;
        const int failed = gnutls_aead_cipher_encrypt(handle_, number.data(), number.size(),
                                                      header.data(), header.size(), tag_bytes,
                                                      what.into, what.size(), what.into, &sealed);
        RW_ASSERT(failed == 0 && sealed == what.size() + tag_bytes);
    }

    void seal_in_place(const nonce& number, byte_view header, byte_span packet) noexcept override {
        std::size_t sealed = packet.size();
        const int failed = gnutls_aead_cipher_encrypt(
            handle_, number.data(), number.size(), header.data(), header.size(), tag_bytes,
            packet.data(), packet.size() - tag_bytes, packet.data(), &sealed);
        RW_ASSERT(failed == 0 && sealed == packet.size());
    }

    bool open_to(const nonce& number, byte_view header, byte_view sealed,
                 std::byte* into) noexcept override {
        std::size_t opened = sealed.size() - tag_bytes;
        return gnutls_aead_cipher_decrypt(handle_, number.data(), number.size(), header.data(),
                                          header.size(), tag_bytes, sealed.data(), sealed.size(),
                                          into, &opened) == 0;
    }

private:
    gnutls_aead_cipher_hd_t handle_ = nullptr;
};

}  // namespace

std::unique_ptr<aead> make_gnutls_aead(cipher which, byte_view key) {
    return std::make_unique<gnutls_aead>(which, key);
}

}  // namespace ringway::tls
