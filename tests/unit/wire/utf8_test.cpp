#include "wire/utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

std::string encode(std::uint32_t code) {
    const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
    if (code < 0x80) {
        return {static_cast<char>(code)};
    }
    if (code < 0x800) {
        return {static_cast<char>(0xc0 | (code >> 6)), tail(code)};
    }
    if (code < 0x10000) {
        return {static_cast<char>(0xe0 | (code >> 12)), tail(code >> 6), tail(code)};
    }
    return {static_cast<char>(0xf0 | (code >> 18)), tail(code >> 12), tail(code >> 6), tail(code)};
}

// Goal: exactly the Unicode scalar values are accepted, all 1,112,064 of them.
TEST(utf8, every_scalar_value_and_no_surrogate) {
    for (std::uint32_t code = 0; code < 0x110000; ++code) {
        const auto text = encode(code);
        const bool surrogate = code >= 0xd800 && code < 0xe000;
        ASSERT_EQ(utf8_length(text), surrogate ? 0 : text.size()) << code;
        ASSERT_EQ(utf8_length(text.substr(0, text.size() - 1)), 0U) << code;
    }
}

TEST(utf8, malformed_sequences_are_refused) {
    for (const std::string_view text :
         {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe",
          "\xe2\x28\xa1", "\xe2\x82\x28", "\xf0\x90\x80\x28", "\xc3"}) {
        EXPECT_EQ(utf8_length(text), 0U) << testing::PrintToString(text);
    }
    EXPECT_EQ(utf8_length(""), 0U);
}

TEST(utf8, only_the_first_character_counts) {
    EXPECT_EQ(utf8_length("a\xff"), 1U);
    EXPECT_EQ(utf8_length("\xc3\xa9\xff"), 2U);
}

}  // namespace
}  // namespace ringway::wire::detail
