#include "tls/record_keys.hpp"

#include <gtest/gtest.h>

#include "unit/tls/hex.hpp"
#include "unit/tls/record_support.hpp"

namespace ringway::tls {
namespace {

// Goal: the number is xored into the right end of the IV (RFC 8446 5.3), and each record has one of
// its own.
TEST(record_keys, nonces_count_up) {
    record_keys keys{cipher::aes_128_gcm, secret{from_hex(rfc8448::client_secret)}, 0};
    const auto bytes_of = [](const aead::nonce& nonce) {
        return std::vector<std::byte>(nonce.begin(), nonce.end());
    };
    EXPECT_EQ(bytes_of(keys.next_nonce()), from_hex("5b78923dee08579033e523d9"));
    EXPECT_EQ(bytes_of(keys.next_nonce()), from_hex("5b78923dee08579033e523d8"));
    EXPECT_EQ(keys.number(), 2U);
    record_keys far{cipher::aes_128_gcm, secret{from_hex(rfc8448::client_secret)},
                    0x0102030405060708};
    EXPECT_EQ(bytes_of(far.next_nonce()), from_hex("5b78923def0a549436e324d1"));
}

TEST(record_keys, an_update_begins_anew_with_other_keys) {
    record_keys keys = test_keys(cipher::aes_256_gcm, 7);
    const traffic_keys before = keys.raw();
    keys.update();
    EXPECT_EQ(keys.number(), 0U);
    EXPECT_NE(keys.raw().key, before.key);
    EXPECT_NE(keys.raw().iv, before.iv);
    EXPECT_EQ(keys.algorithm(), cipher::aes_256_gcm);
}

TEST(record_keys, headers_say_the_size) {
    EXPECT_EQ(header_for(0x1234)[3], std::byte{0x12});
    EXPECT_EQ(header_for(0x1234)[4], std::byte{0x34});
    EXPECT_EQ(header_for(1)[0], std::byte{23});
    EXPECT_DEATH(static_cast<void>(header_for(record_sealed_max + 1)), "record_sealed_max");
}

}  // namespace
}  // namespace ringway::tls
