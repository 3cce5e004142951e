#include "tls/block_cipher.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string_view>
#include <vector>

#include "tls/key_schedule.hpp"
#include "unit/tls/hex.hpp"

namespace ringway::tls {
namespace {

using bytes = std::vector<std::byte>;

block_cipher::mask mask_of(block_cipher& with, const bytes& sample) {
    const auto* const at = reinterpret_cast<const std::uint8_t*>(sample.data());
    block_cipher::mask made{};
    with.masks({&at, 1}, {&made, 1});
    return made;
}

bytes as_vector(const block_cipher::mask& mask) {
    const auto view = std::as_bytes(std::span{mask});
    return {view.begin(), view.end()};
}

struct vector_of_rfc {
    cipher which;
    std::string_view key;
    std::string_view sample;
    std::string_view mask;
};

// RFC 9001 sections A.2, A.3 and A.5; the one of AES-256 is the first block of FIPS 197 section
// C.3.
constexpr std::array known{
    vector_of_rfc{cipher::aes_128_gcm, "9f50449e04a0e810283a1e9933adedd2",
                  "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"},
    vector_of_rfc{cipher::aes_128_gcm, "c206b8d9b9f0f37644430b490eeaa314",
                  "2cd0991cd25b0aac406a5816b6394100", "2ec0d8356a"},
    vector_of_rfc{cipher::aes_256_gcm,
                  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                  "00112233445566778899aabbccddeeff", "8ea2b7ca51"},
    vector_of_rfc{cipher::chacha20_poly1305,
                  "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
                  "5e5cd55c41f69080575d7999c25a5bfb", "aefefe7d03"},
};

TEST(block_cipher, masks_as_the_rfc_does) {
    for (const vector_of_rfc& each : known) {
        for (const aead_backend by : {aead_backend::gnutls, aead_backend::ipsec_mb}) {
            if (has_backend(each.which, by)) {
                const auto made = make_block_cipher(each.which, from_hex(each.key), by);
                EXPECT_EQ(as_vector(mask_of(*made, from_hex(each.sample))), from_hex(each.mask));
            }
        }
    }
}

TEST(block_cipher, many_at_once_are_what_each_is_alone) {
    for (const cipher which :
         {cipher::aes_128_gcm, cipher::aes_256_gcm, cipher::chacha20_poly1305}) {
        bytes key(key_bytes_of(which));
        for (std::size_t i = 0; i < key.size(); ++i) {
            key[i] = static_cast<std::byte>(i * 37);
        }
        const auto fast = make_block_cipher(which, key);
        const auto plain = make_block_cipher(which, key, aead_backend::gnutls);
        for (std::size_t count = 0; count <= 40; ++count) {
            std::vector<bytes> samples;
            std::vector<const std::uint8_t*> at;
            for (std::size_t i = 0; i < count; ++i) {
                samples.emplace_back(16, static_cast<std::byte>(count * 40 + i));
            }
            for (const bytes& each : samples) {
                at.push_back(reinterpret_cast<const std::uint8_t*>(each.data()));
            }
            std::vector<block_cipher::mask> masks(count);
            fast->masks(at, masks);
            for (std::size_t i = 0; i < count; ++i) {
                EXPECT_EQ(masks[i], mask_of(*plain, samples[i]));
            }
        }
    }
}

}  // namespace
}  // namespace ringway::tls
