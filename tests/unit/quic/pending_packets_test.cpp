#include "quic/pending_packets.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include "quic/packet_keys.hpp"
#include "tls/key_schedule.hpp"
#include "unit/tls/hex.hpp"

namespace ringway::quic::detail {
namespace {

using bytes = std::vector<std::byte>;
using tls::cipher;
using tls::from_hex;

struct protection {
    explicit protection(cipher with, unsigned seed, tls::aead_backend by = {}) {
        bytes secret(tls::secret_bytes_of(with), static_cast<std::byte>(seed));
        derive_keys(keys, 1, with, secret);
        packets = tls::make_aead(with, keys.key_view(), by);
        headers = tls::make_block_cipher(with, keys.header_key_view(), by);
    }
    packet_keys keys;
    std::unique_ptr<tls::aead> packets;
    std::unique_ptr<tls::block_cipher> headers;
};

// A packet before it is sealed, with room for the tag.
struct draft {
    bytes whole;
    std::size_t id_bytes = 0;
    std::size_t number_bytes = 0;
    tls::aead::nonce nonce{};

    draft(std::size_t ids, std::size_t numbers, std::size_t payload, std::mt19937_64& random)
        : whole(1 + ids + numbers + payload + 16), id_bytes{ids}, number_bytes{numbers} {
        for (std::byte& each : whole) {
            each = static_cast<std::byte>(random());
        }
        whole[0] = std::byte{0x40} | static_cast<std::byte>(numbers - 1);
        for (std::byte& each : nonce) {
            each = static_cast<std::byte>(random());
        }
    }
    [[nodiscard]] std::size_t header_bytes() const { return 1 + id_bytes + number_bytes; }

    [[nodiscard]] const std::uint8_t* sample() const {
        return reinterpret_cast<const std::uint8_t*>(whole.data()) + 1 + id_bytes + 4;
    }

    void add_to(pending_packets& pending, protection& with) {
        const std::span all{whole};
        pending.add(*with.packets, nonce, all.first(header_bytes()),
                    all.subspan(header_bytes(), whole.size() - header_bytes() - 16));
        EXPECT_TRUE(pending.mask_last(*with.headers, sample()));
    }

    // The same by the book, one step after the other (RFC 9001 section 5.3, 5.4).
    [[nodiscard]] bytes sealed_by(protection& with) const {
        bytes made = whole;
        const std::span all{made};
        with.packets->seal_in_place(nonce, all.first(header_bytes()), all.subspan(header_bytes()));
        const auto* const from =
            reinterpret_cast<const std::uint8_t*>(made.data()) + 1 + id_bytes + 4;
        tls::block_cipher::mask mask{};
        with.headers->masks({&from, 1}, {&mask, 1});
        made[0] ^= std::byte{mask[0]} & std::byte{0x1f};
        for (std::size_t i = 0; i < number_bytes; ++i) {
            made[1 + id_bytes + i] ^= std::byte{mask[1 + i]};
        }
        return made;
    }
};

// RFC 9001 section A.5: one whole packet of 1-RTT.
TEST(quic_pending_packets, seal_the_packet_of_the_rfc) {
    for (const auto& [version, sealed] :
         {std::pair{NGTCP2_PROTO_VER_V1, "4cfe4189655e5cd55c41f69080575d7999c25a5bfb"},
          std::pair{NGTCP2_PROTO_VER_V2, "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba"}}) {
        packet_keys keys;
        derive_keys(keys, version, cipher::chacha20_poly1305,
                    from_hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"));
        const auto packets = tls::make_aead(cipher::chacha20_poly1305, keys.key_view());
        const auto headers =
            tls::make_block_cipher(cipher::chacha20_poly1305, keys.header_key_view());
        bytes packet = from_hex("4200bff401");
        packet.resize(packet.size() + 16);
        tls::aead::nonce nonce = keys.iv;  // With packet number 654360564 = 0x2700bff4.
        for (std::size_t i = 0; i < 4; ++i) {
            nonce[8 + i] ^= static_cast<std::byte>(0x2700bff4U >> (24 - 8 * i));
        }
        pending_packets pending;
        pending.add(*packets, nonce, std::span{packet}.first(4), std::span{packet}.subspan(4, 1));
        ASSERT_TRUE(pending.mask_last(
            *headers, reinterpret_cast<const std::uint8_t*>(packet.data()) + 1 + 4));
        EXPECT_EQ(pending.seal(), 1U);
        EXPECT_EQ(packet, from_hex(sealed));
    }
}

TEST(quic_pending_packets, seal_what_the_book_says_for_all_sizes) {
    std::mt19937_64 random{42};
    for (const cipher with :
         {cipher::aes_128_gcm, cipher::aes_256_gcm, cipher::chacha20_poly1305}) {
        protection one{with, 1};
        protection other{with, 2};
        protection one_by_gnutls{with, 1, tls::aead_backend::gnutls};
        protection other_by_gnutls{with, 2, tls::aead_backend::gnutls};
        for (int round = 0; round < 60; ++round) {
            pending_packets pending;
            std::vector<draft> drafts;
            std::vector<bytes> expected;
            std::vector<bool> first_key;
            const std::size_t count = random() % (pending_packets::packets_max + 1);
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t numbers = 1 + random() % 4;
                drafts.emplace_back(random() % 21, numbers, 4 - numbers + random() % 1500, random);
                first_key.push_back(random() % 4 != 0);
                expected.push_back(
                    drafts.back().sealed_by(first_key.back() ? one_by_gnutls : other_by_gnutls));
            }
            for (std::size_t i = 0; i < count; ++i) {
                drafts[i].add_to(pending, first_key[i] ? one : other);
            }
            EXPECT_EQ(pending.seal(), count);
            for (std::size_t i = 0; i < count; ++i) {
                EXPECT_EQ(drafts[i].whole, expected[i]);
            }
        }
    }
}

TEST(quic_pending_packets, more_than_fit_are_sealed_in_between) {
    std::mt19937_64 random{7};
    protection with{cipher::aes_128_gcm, 1};
    pending_packets pending;
    std::vector<draft> drafts;
    std::vector<bytes> expected;
    for (std::size_t i = 0; i < pending_packets::packets_max + 5; ++i) {
        drafts.emplace_back(8, 2, 100, random);
        expected.push_back(drafts.back().sealed_by(with));
    }
    for (draft& each : drafts) {
        each.add_to(pending, with);
    }
    EXPECT_EQ(pending.seal(), 5U);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        EXPECT_EQ(drafts[i].whole, expected[i]) << i;
    }
    EXPECT_EQ(pending.seal(), 0U);
}

// As when a write fails behind the encryption: the buffer is used again.
TEST(quic_pending_packets, what_was_given_up_is_forgotten) {
    std::mt19937_64 random{7};
    protection with{cipher::aes_128_gcm, 1};
    pending_packets pending;
    std::vector<draft> drafts;
    for (int i = 0; i < 3; ++i) {
        drafts.emplace_back(8, 2, 100, random);
    }
    for (draft& each : drafts) {
        each.add_to(pending, with);
    }
    const draft again{8, 2, 60, random};
    draft& reused = drafts[1];
    reused.nonce = again.nonce;
    std::copy(again.whole.begin(), again.whole.end(), reused.whole.begin());
    reused.whole.resize(again.whole.size());  // Stays where it is: it got shorter.
    const std::vector<bytes> expected{drafts[0].sealed_by(with), reused.sealed_by(with),
                                      drafts[2].sealed_by(with)};
    reused.add_to(pending, with);
    EXPECT_EQ(pending.size(), 3U);
    EXPECT_EQ(pending.seal(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(drafts[i].whole, expected[i]) << i;
    }
}

TEST(quic_pending_packets, a_packet_without_a_header_is_none) {
    std::mt19937_64 random{7};
    protection with{cipher::aes_128_gcm, 1};
    pending_packets pending;
    draft half{8, 2, 100, random};
    const bytes before = half.whole;
    const std::span all{half.whole};
    EXPECT_FALSE(pending.mask_last(*with.headers, half.sample()));
    pending.add(*with.packets, half.nonce, all.first(11), all.subspan(11, 100));
    EXPECT_FALSE(pending.mask_last(*with.headers, half.sample() + 64));  // Another packet's.
    draft whole{8, 2, 100, random};
    const bytes expected = whole.sealed_by(with);
    whole.add_to(pending, with);
    EXPECT_TRUE(pending.uses(with.packets.get()));
    EXPECT_TRUE(pending.uses(with.headers.get()));
    EXPECT_FALSE(pending.mask_last(*with.headers, whole.sample()));  // It has been.
    EXPECT_EQ(pending.seal(), 1U);
    EXPECT_EQ(half.whole, before);
    EXPECT_EQ(whole.whole, expected);
    EXPECT_FALSE(pending.uses(with.packets.get()));
}

}  // namespace
}  // namespace ringway::quic::detail
