#include "quic/packet_keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include "unit/tls/hex.hpp"

namespace ringway::quic::detail {
namespace {

using tls::from_hex;

struct vector_of_rfc {
    std::uint32_t version;
    tls::cipher with;
    std::string_view secret;
    std::string_view key;
    std::string_view iv;
    std::string_view header_key;
    std::string_view updated;  // Empty: not in the RFC.
};

constexpr std::array known{
    // RFC 9001 section A.1, client and server.
    vector_of_rfc{NGTCP2_PROTO_VER_V1, tls::cipher::aes_128_gcm,
                  "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
                  "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
                  "9f50449e04a0e810283a1e9933adedd2", ""},
    vector_of_rfc{NGTCP2_PROTO_VER_V1, tls::cipher::aes_128_gcm,
                  "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b",
                  "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e",
                  "c206b8d9b9f0f37644430b490eeaa314", ""},
    // RFC 9001 section A.5.
    vector_of_rfc{NGTCP2_PROTO_VER_V1, tls::cipher::chacha20_poly1305,
                  "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b",
                  "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
                  "e0459b3474bdd0e44a41c144",
                  "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
                  "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"},
    // RFC 9369 section A.1, client and server.
    vector_of_rfc{NGTCP2_PROTO_VER_V2, tls::cipher::aes_128_gcm,
                  "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b",
                  "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
                  "45b95e15235d6f45a6b19cbcb0294ba9", ""},
    vector_of_rfc{NGTCP2_PROTO_VER_V2, tls::cipher::aes_128_gcm,
                  "0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1",
                  "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652",
                  "edf6d05c83121201b436e16877593c3a", ""},
    // RFC 9369 section A.5.
    vector_of_rfc{NGTCP2_PROTO_VER_V2, tls::cipher::chacha20_poly1305,
                  "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b",
                  "3bfcddd72bcf02541d7fa0dd1f5f9eeea817e09a6963a0e6c7df0f9a1bab90f2",
                  "a6b5bc6ab7dafce30ffff5dd",
                  "d659760d2ba434a226fd37b35c69e2da8211d10c4f12538787d65645d5d1b8e2",
                  "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88"},
};

TEST(quic_packet_keys, are_those_of_the_rfcs) {
    for (const vector_of_rfc& each : known) {
        packet_keys keys;
        const auto secret = from_hex(each.secret);
        derive_keys(keys, each.version, each.with, secret);
        EXPECT_TRUE(std::ranges::equal(keys.key_view(), from_hex(each.key))) << each.key;
        EXPECT_TRUE(std::ranges::equal(keys.iv, from_hex(each.iv))) << each.key;
        EXPECT_TRUE(std::ranges::equal(keys.header_key_view(), from_hex(each.header_key)));
        if (!each.updated.empty()) {
            const tls::secret next = updated_secret(each.version, each.with, secret);
            EXPECT_TRUE(std::ranges::equal(next.bytes(), from_hex(each.updated)));
        }
    }
}

}  // namespace
}  // namespace ringway::quic::detail
