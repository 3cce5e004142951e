#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead_backends.hpp"
#include "tls/block_cipher.hpp"

#if defined(RINGWAY_IPSEC_MB)

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gnutls/gnutls.h>
#include <immintrin.h>
#include <intel-ipsec-mb.h>
#include <span>

#include <ringway/base/assert.hpp>

namespace ringway::tls {
namespace {

constexpr std::size_t rounds_max = 14;
constexpr std::size_t blocks_at_once = 8;  // Hides the latency of one round behind the others.

struct round_keys {
    alignas(16) std::array<std::uint8_t, 16 * (rounds_max + 1)> bytes{};
    std::size_t rounds = 0;
};

struct key_expansion {
    keyexp_t of_128 = nullptr;
    keyexp_t of_256 = nullptr;
};

// A manager has 200 KB, which a connection's worth of keys must not cost: the functions suffice.
const key_expansion& key_expansion_here() noexcept {
    static const key_expansion once = [] {
        IMB_MGR* const manager = alloc_mb_mgr(0);
        RW_ASSERT(manager != nullptr);
        init_mb_mgr_auto(manager, nullptr);
        const key_expansion found{manager->keyexp_128, manager->keyexp_256};
        free_mb_mgr(manager);
        return found;
    }();
    return once;
}

round_keys expand(byte_view key) noexcept {
    round_keys made;
    alignas(16) std::array<std::uint8_t, 16 * (rounds_max + 1)> inverse{};
    const key_expansion& how = key_expansion_here();
    made.rounds = key.size() == 16 ? 10 : 14;
    (key.size() == 16 ? how.of_128 : how.of_256)(key.data(), made.bytes.data(), inverse.data());
    gnutls_memset(inverse.data(), 0, inverse.size());
    return made;
}

class aes_ni_block_cipher final : public block_cipher {
public:
    explicit aes_ni_block_cipher(byte_view key) noexcept : keys_{expand(key)} {}
    ~aes_ni_block_cipher() override { gnutls_memset(&keys_, 0, sizeof keys_); }

    void masks(std::span<const std::uint8_t* const> samples,
               std::span<mask> into) noexcept override {
        RW_ASSERT(samples.size() == into.size());
        std::size_t at = 0;
        for (; at + blocks_at_once <= samples.size(); at += blocks_at_once) {
            encrypt<blocks_at_once>(&samples[at], &into[at]);
        }
        for (; at < samples.size(); ++at) {
            encrypt<1>(&samples[at], &into[at]);
        }
    }

private:
    template <std::size_t Count>
    [[gnu::target("aes,sse4.1")]] void encrypt(const std::uint8_t* const* samples,
                                               mask* into) const noexcept {
        const auto key = [this](std::size_t round) __attribute__((target("aes,sse4.1"))) {
            return _mm_load_si128(
                reinterpret_cast<const __m128i*>(keys_.bytes.data() + 16 * round));
        };
        std::array<__m128i, Count> blocks;
        for (std::size_t i = 0; i < Count; ++i) {
            const auto* const from = reinterpret_cast<const __m128i*>(samples[i]);
            blocks[i] = _mm_xor_si128(_mm_loadu_si128(from), key(0));
        }
        for (std::size_t round = 1; round < keys_.rounds; ++round) {
            for (__m128i& each : blocks) {
                each = _mm_aesenc_si128(each, key(round));
            }
        }
        for (std::size_t i = 0; i < Count; ++i) {
            blocks[i] = _mm_aesenclast_si128(blocks[i], key(keys_.rounds));
            std::memcpy(into[i].data(), &blocks[i], mask_bytes);
        }
    }

    round_keys keys_;
};

}  // namespace

std::unique_ptr<block_cipher> make_aes_ni_block_cipher(cipher which, byte_view key) {
    if (!ipsec_mb_works() || which == cipher::chacha20_poly1305) {
        return nullptr;
    }
    return std::make_unique<aes_ni_block_cipher>(key);
}

}  // namespace ringway::tls

#else

namespace ringway::tls {

std::unique_ptr<block_cipher> make_aes_ni_block_cipher(cipher, byte_view) { return nullptr; }

}  // namespace ringway::tls

#endif
