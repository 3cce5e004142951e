#include "wire/chars.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

TEST(chars, token_is_tchar_only) {
    EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
    EXPECT_FALSE(is_token(""));
    for (const char c : std::string_view{"\0 \t\"(),/:;<=>?@[\\]{}\x7f\x80\xff", 23}) {
        EXPECT_FALSE(is_token({&c, 1})) << static_cast<int>(c);
    }
}

TEST(chars, hex_value_takes_both_cases_and_nothing_else) {
    EXPECT_EQ(hex_value('0'), 0);
    EXPECT_EQ(hex_value('9'), 9);
    EXPECT_EQ(hex_value('a'), 10);
    EXPECT_EQ(hex_value('F'), 15);
    for (const char c : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xff'}) {
        EXPECT_EQ(hex_value(c), -1) << c;
    }
}

TEST(chars, case_is_ignored_for_letters_only) {
    EXPECT_TRUE(same_ignoring_case("Keep-Alive", "keep-alive"));
    EXPECT_FALSE(same_ignoring_case("keep\ralive", "keep-alive"));
    EXPECT_FALSE(same_ignoring_case("keep-aliv", "keep-alive"));
    EXPECT_FALSE(same_ignoring_case("[", "{"));
}

TEST(chars, white_space_is_space_and_tab) {
    EXPECT_EQ(trim_ows(" \t a b\t "), "a b");
    EXPECT_EQ(trim_ows(" \t"), "");
    EXPECT_EQ(trim_ows("\na\r"), "\na\r");
}

TEST(chars, elements_come_one_by_one) {
    std::string_view list = " a ,,b c\t,d";
    EXPECT_EQ(take_element(list), "a");
    EXPECT_EQ(take_element(list), "");
    EXPECT_EQ(take_element(list), "b c");
    EXPECT_EQ(take_element(list), "d");
    EXPECT_TRUE(list.empty());
}

TEST(chars, controls_are_c0_and_del) {
    EXPECT_TRUE(is_control('\0'));
    EXPECT_TRUE(is_control('\x1f'));
    EXPECT_TRUE(is_control('\x7f'));
    EXPECT_FALSE(is_control(' '));
    EXPECT_FALSE(is_control('\x80'));
    EXPECT_TRUE(is_vchar('!'));
    EXPECT_TRUE(is_vchar('~'));
    EXPECT_FALSE(is_vchar(' '));
    EXPECT_FALSE(is_vchar('\xe9'));
}

}  // namespace
}  // namespace ringway::wire::detail
