#include "quic/ticket_message.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <vector>

#include "unit/tls/hex.hpp"

namespace ringway::quic::detail {
namespace {

using tls::from_hex;

// Lifetime, age, nonce, ticket; then the extensions with their length.
std::vector<std::byte> message_with(std::string_view extensions) {
    auto made = from_hex("00001c20 01020304 02 0000 0003 aabbcc");
    const auto rest = from_hex(extensions);
    made.push_back(static_cast<std::byte>(rest.size() >> 8U));
    made.push_back(static_cast<std::byte>(rest.size()));
    made.insert(made.end(), rest.begin(), rest.end());
    return made;
}

TEST(quic_ticket_message, early_data_is_an_extension) {
    EXPECT_TRUE(allows_early_data(message_with("002a 0004 ffffffff")));
    EXPECT_TRUE(allows_early_data(message_with("1a1a 0001 00 002a 0004 ffffffff")));
    EXPECT_FALSE(allows_early_data(message_with("")));
    EXPECT_FALSE(allows_early_data(message_with("1a1a 0004 002a0004")));  // Only looks like it.
}

TEST(quic_ticket_message, damaged_ones_allow_nothing) {
    const auto whole = message_with("1a1a 0001 00 002a 0004 ffffffff");
    for (std::size_t size = 0; size < whole.size() - 4; ++size) {
        if (size + 8 > whole.size()) {
            continue;  // The head of the extension is there.
        }
        EXPECT_FALSE(allows_early_data(byte_view{whole}.first(size))) << size;
    }
    EXPECT_FALSE(allows_early_data(std::vector<std::byte>(5000, std::byte{0xff})));
}

}  // namespace
}  // namespace ringway::quic::detail
