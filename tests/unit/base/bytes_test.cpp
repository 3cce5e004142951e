#include <ringway/base/bytes.hpp>

#include <array>
#include <cstddef>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway {
namespace {

TEST(bytes, text_and_bytes_are_the_same_memory) {
    constexpr std::string_view text = "a\xff";
    const auto bytes = as_bytes(text);
    ASSERT_EQ(bytes.size(), 2U);
    EXPECT_EQ(bytes[0], std::byte{'a'});
    EXPECT_EQ(bytes[1], std::byte{0xff});
    EXPECT_EQ(as_text(bytes).data(), text.data());
    EXPECT_EQ(as_text(bytes), text);
}

TEST(bytes, nothing_is_nothing) {
    EXPECT_TRUE(as_text(byte_view{}).empty());
    EXPECT_TRUE(as_bytes(std::string_view{}).empty());
}

}  // namespace
}  // namespace ringway
