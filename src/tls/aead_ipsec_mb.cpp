#include "tls/aead_backends.hpp"

#include <cstdint>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"

#if defined(RINGWAY_IPSEC_MB)

#include <algorithm>
#include <array>
#include <cstddef>
#include <gnutls/gnutls.h>
#include <intel-ipsec-mb.h>

namespace ringway::tls {
namespace {

// The functions for one key size, picked from a manager.
struct gcm_functions {
    aes_gcm_pre_t expand_key = nullptr;
    aes_gcm_enc_dec_t encrypt = nullptr;
    aes_gcm_enc_dec_t decrypt = nullptr;
    aes_gcm_init_t begin = nullptr;
    aes_gcm_enc_dec_update_t update = nullptr;
    aes_gcm_enc_dec_finalize_t finish = nullptr;
};

struct chacha20_functions {
    chacha_poly_init_t begin = nullptr;
    chacha_poly_enc_dec_update_t encrypt = nullptr;
    chacha_poly_enc_dec_update_t decrypt = nullptr;
    chacha_poly_finalize_t finish = nullptr;
};

struct library {
    bool works = false;
    gcm_functions aes_128;
    gcm_functions aes_256;
    chacha20_functions chacha20;
};

// The manager itself is only needed to learn which functions suit this processor.
library load() noexcept {
    library made;
    IMB_MGR* const manager = alloc_mb_mgr(0);
    if (manager == nullptr) {
        return made;
    }
    if ((manager->features & IMB_CPUFLAGS_AVX2) == IMB_CPUFLAGS_AVX2) {
        init_mb_mgr_auto(manager, nullptr);
        made.works = imb_get_errno(manager) == 0;
        made.aes_128 = {manager->gcm128_pre,        manager->gcm128_enc,
                        manager->gcm128_dec,        manager->gcm128_init,
                        manager->gcm128_enc_update, manager->gcm128_enc_finalize};
        made.aes_256 = {manager->gcm256_pre,        manager->gcm256_enc,
                        manager->gcm256_dec,        manager->gcm256_init,
                        manager->gcm256_enc_update, manager->gcm256_enc_finalize};
        made.chacha20 = {manager->chacha20_poly1305_init, manager->chacha20_poly1305_enc_update,
                         manager->chacha20_poly1305_dec_update,
                         manager->chacha20_poly1305_finalize};
    }
    free_mb_mgr(manager);
    return made;
}

const library& loaded() noexcept {
    static const library once = load();
    return once;
}

std::uint8_t* raw(std::byte* bytes) noexcept { return reinterpret_cast<std::uint8_t*>(bytes); }
const std::uint8_t* raw(const std::byte* bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes);
}

class ipsec_mb_aead final : public aead {
public:
    ipsec_mb_aead(const gcm_functions& functions, byte_view key) noexcept : call_{functions} {
        call_.expand_key(key.data(), &key_);
    }
    ~ipsec_mb_aead() override { gnutls_memset(&key_, 0, sizeof key_); }

    // Where all is in place one call does it. Otherwise the pieces are encrypted from where they
    // lie, which spares the copy.
    void seal(const nonce& number, byte_view header, const plaintext& what) noexcept override {
        gcm_context_data context;
        std::uint8_t* const to = raw(what.into);
        std::uint8_t* const tag = to + what.size();
        if (what.more.size() < copied_below) {
            *std::ranges::copy(what.more, what.into + what.placed).out = what.type;
            call_.encrypt(&key_, &context, to, to, what.size(), raw(number.data()),
                          raw(header.data()), header.size(), tag, tag_bytes);
            return;
        }
        call_.begin(&key_, &context, raw(number.data()), raw(header.data()), header.size());
        if (what.placed > 0) {
            call_.update(&key_, &context, to, to, what.placed);
        }
        call_.update(&key_, &context, to + what.placed, raw(what.more.data()), what.more.size());
        const auto type = static_cast<std::uint8_t>(what.type);
        call_.update(&key_, &context, tag - 1, &type, 1);
        call_.finish(&key_, &context, tag, tag_bytes);
    }

    void seal_in_place(const nonce& number, byte_view header, byte_span packet) noexcept override {
        gcm_context_data context;
        std::uint8_t* const at = raw(packet.data());
        const std::size_t size = packet.size() - tag_bytes;
        call_.encrypt(&key_, &context, at, at, size, raw(number.data()), raw(header.data()),
                      header.size(), at + size, tag_bytes);
    }

    bool open_to(const nonce& number, byte_view header, byte_view sealed,
                 std::byte* into) noexcept override {
        gcm_context_data context;
        std::array<std::uint8_t, tag_bytes> tag;
        const std::uint8_t* const at = raw(sealed.data());
        const std::size_t size = sealed.size() - tag_bytes;
        call_.decrypt(&key_, &context, raw(into), at, size, raw(number.data()), raw(header.data()),
                      header.size(), tag.data(), tag.size());
        return gnutls_memcmp(tag.data(), at + size, tag.size()) == 0;
    }

private:
    static constexpr std::size_t copied_below = 512;  // The calls cost more than such a copy.

    const gcm_functions& call_;
    gcm_key_data key_;
};

class ipsec_mb_chacha20 final : public aead {
public:
    ipsec_mb_chacha20(const chacha20_functions& functions, byte_view key) noexcept
        : call_{functions} {
        std::ranges::copy(key, key_.begin());
    }
    ~ipsec_mb_chacha20() override { gnutls_memset(key_.data(), 0, key_.size()); }

    void seal(const nonce& number, byte_view header, const plaintext& what) noexcept override {
        *std::ranges::copy(what.more, what.into + what.placed).out = what.type;
        seal_in_place(number, header, {what.into, what.size() + tag_bytes});
    }

    void seal_in_place(const nonce& number, byte_view header, byte_span packet) noexcept override {
        chacha20_poly1305_context_data context;
        std::uint8_t* const at = raw(packet.data());
        const std::size_t size = packet.size() - tag_bytes;
        call_.begin(key_.data(), &context, raw(number.data()), raw(header.data()), header.size());
        call_.encrypt(key_.data(), &context, at, at, size);
        call_.finish(&context, at + size, tag_bytes);
        gnutls_memset(&context, 0, sizeof context);
    }

    bool open_to(const nonce& number, byte_view header, byte_view sealed,
                 std::byte* into) noexcept override {
        chacha20_poly1305_context_data context;
        std::array<std::uint8_t, tag_bytes> tag;
        const std::uint8_t* const at = raw(sealed.data());
        const std::size_t size = sealed.size() - tag_bytes;
        call_.begin(key_.data(), &context, raw(number.data()), raw(header.data()), header.size());
        call_.decrypt(key_.data(), &context, raw(into), at, size);
        call_.finish(&context, tag.data(), tag.size());
        gnutls_memset(&context, 0, sizeof context);
        return gnutls_memcmp(tag.data(), at + size, tag.size()) == 0;
    }

private:
    const chacha20_functions& call_;
    std::array<std::byte, 32> key_{};
};

}  // namespace

bool ipsec_mb_works() noexcept { return loaded().works; }

std::unique_ptr<aead> make_ipsec_mb_aead(cipher which, byte_view key) {
    if (!ipsec_mb_works()) {
        return nullptr;
    }
    const library& made = loaded();
    if (which == cipher::chacha20_poly1305) {
        return std::make_unique<ipsec_mb_chacha20>(made.chacha20, key);
    }
    return std::make_unique<ipsec_mb_aead>(
        which == cipher::aes_128_gcm ? made.aes_128 : made.aes_256, key);
}

}  // namespace ringway::tls

#else

namespace ringway::tls {

bool ipsec_mb_works() noexcept { return false; }
std::unique_ptr<aead> make_ipsec_mb_aead(cipher, byte_view) { return nullptr; }

}  // namespace ringway::tls

#endif
