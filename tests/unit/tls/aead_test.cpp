#include "tls/aead.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "tls/key_schedule.hpp"

namespace ringway::tls {
namespace {

constexpr std::array all_ciphers{cipher::aes_128_gcm, cipher::aes_256_gcm,
                                 cipher::chacha20_poly1305};

std::vector<std::byte> random_bytes(std::mt19937& random, std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
    return bytes;
}

// Seals `plain`, of which the first `placed` bytes are in place.
std::vector<std::byte> seal(aead& by, byte_view header, byte_view plain, std::size_t placed) {
    std::vector<std::byte> out(plain.size() + 1 + aead::tag_bytes);
    std::ranges::copy(plain.first(placed), out.begin());
    by.seal({}, header, {out.data(), placed, plain.subspan(placed), std::byte{23}});
    return out;
}

// Goal: every way to hand over the plaintext, and every backend, makes the same record, and it
// opens to what went in. Sizes around the vector widths, and every split of small ones.
TEST(aead, backends_and_splits_agree) {
    std::mt19937 random{1};
    const auto header = random_bytes(random, 5);
    for (const cipher which : all_ciphers) {
        const auto key = random_bytes(random, key_bytes_of(which));
        const auto reference = make_aead(which, key, aead_backend::gnutls);
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 255U, 256U, 511U, 512U, 513U, 767U,
                                       1300U, 4096U, 8191U, 16383U, 16384U}) {
            const auto plain = random_bytes(random, size);
            const auto expected = seal(*reference, header, plain, size);
            for (const auto by : {aead_backend::gnutls, aead_backend::ipsec_mb}) {
                if (!has_backend(which, by)) {
                    continue;
                }
                const auto tested = make_aead(which, key, by);
                for (const std::size_t placed : {std::size_t{0}, size / 3, size - size / 7, size}) {
                    ASSERT_EQ(seal(*tested, header, plain, placed), expected) << size;
                }
                auto record = expected;
                ASSERT_TRUE(tested->open({}, header, record));
                ASSERT_TRUE(std::ranges::equal(byte_view{record}.first(size), plain));
                ASSERT_EQ(record[size], std::byte{23});
            }
        }
    }
}

// Goal: no bit can be changed: not of the text, the tag, the header or the number.
TEST(aead, refuses_what_was_changed) {
    std::mt19937 random{2};
    for (const cipher which : all_ciphers) {
        for (const auto by : {aead_backend::gnutls, aead_backend::ipsec_mb}) {
            if (!has_backend(which, by)) {
                continue;
            }
            const auto tested = make_aead(which, random_bytes(random, key_bytes_of(which)), by);
            const auto header = random_bytes(random, 5);
            const auto sealed = seal(*tested, header, random_bytes(random, 100), 50);
            for (std::size_t at = 0; at < sealed.size(); ++at) {
                auto changed = sealed;
                changed[at] ^= std::byte{1};
                ASSERT_FALSE(tested->open({}, header, changed)) << at;
            }
            auto other_header = header;
            other_header[4] ^= std::byte{1};
            auto record = sealed;
            EXPECT_FALSE(tested->open({}, other_header, record));
            record = sealed;
            EXPECT_FALSE(tested->open({std::byte{1}}, header, record));
            record = sealed;
            EXPECT_TRUE(tested->open({}, header, record));
        }
    }
}

// Goal: sealed in place without a type, as QUIC does, every backend makes the same, and it opens
// there or elsewhere, for all sizes around those of vectors and packets.
TEST(aead, packets_of_all_sizes_agree) {
    std::mt19937 random{3};
    for (const cipher which : all_ciphers) {
        const auto key = random_bytes(random, key_bytes_of(which));
        const auto reference = make_aead(which, key, aead_backend::gnutls);
        const auto tested = make_aead(which, key);
        for (std::size_t size = 0; size < 1600; size += size < 300 ? 1 : 7) {
            const auto header = random_bytes(random, random() % 30);
            auto plain = random_bytes(random, size + aead::tag_bytes);
            auto expected = plain;
            reference->seal_in_place({}, header, expected);
            auto sealed = plain;
            tested->seal_in_place({}, header, sealed);
            ASSERT_EQ(sealed, expected) << size;
            std::vector<std::byte> opened(size + 1, std::byte{99});
            ASSERT_TRUE(tested->open_to({}, header, sealed, opened.data()));
            plain.resize(size);
            ASSERT_TRUE(std::ranges::equal(byte_view{opened}.first(size), plain));
            ASSERT_EQ(opened[size], std::byte{99});  // Not a byte more.
            ASSERT_TRUE(tested->open({}, header, sealed));
            ASSERT_TRUE(std::ranges::equal(byte_view{sealed}.first(size), plain));
        }
    }
}

}  // namespace
}  // namespace ringway::tls
