#include "tls/key_schedule.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <vector>

#include "unit/tls/hex.hpp"

namespace ringway::tls {
namespace {

TEST(key_schedule, derives_the_keys_of_rfc_8448) {
    const traffic_keys server =
        keys_of(cipher::aes_128_gcm, secret{from_hex(rfc8448::server_secret)});
    EXPECT_TRUE(
        std::ranges::equal(server.key_view(), from_hex("9f02283b6c9c07efc26bb9f2ac92e356")));
    EXPECT_TRUE(std::ranges::equal(server.iv, from_hex("cf782b88dd83549aadf1e984")));
    const traffic_keys client =
        keys_of(cipher::aes_128_gcm, secret{from_hex(rfc8448::client_secret)});
    EXPECT_TRUE(
        std::ranges::equal(client.key_view(), from_hex("17422dda596ed5d9acd890e3c63f5051")));
    EXPECT_TRUE(std::ranges::equal(client.iv, from_hex("5b78923dee08579033e523d9")));
}

// Goal: each cipher has sizes of its own, and every generation differs from the one before.
TEST(key_schedule, generations_differ_and_have_the_size_of_the_hash) {
    for (const cipher each :
         {cipher::aes_128_gcm, cipher::aes_256_gcm, cipher::chacha20_poly1305}) {
        const std::vector<std::byte> start(secret_bytes_of(each), std::byte{7});
        const secret first{start};
        const secret second = next_secret(each, first);
        const secret third = next_secret(each, second);
        EXPECT_EQ(second.bytes().size(), each == cipher::aes_256_gcm ? 48U : 32U);
        EXPECT_EQ(keys_of(each, second).key_bytes, each == cipher::aes_128_gcm ? 16U : 32U);
        EXPECT_FALSE(std::ranges::equal(first.bytes(), second.bytes()));
        EXPECT_FALSE(std::ranges::equal(second.bytes(), third.bytes()));
    }
}

TEST(key_schedule, wiping_leaves_zeros) {
    std::array<std::byte, 5> bytes{};
    bytes.fill(std::byte{9});
    wipe(bytes);
    EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; }));
}

}  // namespace
}  // namespace ringway::tls
