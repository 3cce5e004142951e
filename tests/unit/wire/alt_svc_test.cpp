#include <ringway/wire/alt_svc.hpp>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

using list = std::vector<alternative>;

TEST(alt_svc, alternatives_are_read_in_order) {
    EXPECT_EQ(
        parse_alt_svc("h3=\":443\"; ma=2592000,h3-29=\"alt.example:8443\"; persist=1").alternatives,
        (list{{"h3", "", 443, 2'592'000}, {"h3-29", "alt.example", 8443, 86'400}}));
    EXPECT_EQ(parse_alt_svc("h3=\"[::1]:4433\"").alternatives, (list{{"h3", "::1", 4433, 86'400}}));
    EXPECT_EQ(parse_alt_svc("w%3Dx%3Ay%23z=\":1\" ; ma=\"5\"").alternatives,
              (list{{"w=x:y#z", "", 1, 5}}));
}

TEST(alt_svc, clear_forgets) {
    EXPECT_TRUE(parse_alt_svc("clear").clear);
    EXPECT_FALSE(parse_alt_svc("Clear").clear);  // Case-sensitive.
    EXPECT_FALSE(parse_alt_svc("h3=\":1\"").clear);
}

TEST(alt_svc, what_breaks_the_grammar_ends_the_reading) {
    for (const char* const text :
         {"", "h3", "h3=:443", "h3=\"443\"", "h3=\":0\"", "h3=\":65536\"", "h3=\":443", "=\":1\"",
          "h3=\"a b:1\"", "h3=\":1\"; ma=x", "h3=\":1\"; ma", "h3=\":1x\""}) {
        EXPECT_TRUE(parse_alt_svc(text).alternatives.empty()) << text;
    }
    EXPECT_EQ(parse_alt_svc("h3=\":1\", oops").alternatives.size(), 1U);
}

TEST(alt_svc, numbers_and_lists_have_limits) {
    EXPECT_EQ(parse_alt_svc("h3=\":1\"; ma=99999999999999").alternatives[0].max_age_s, UINT32_MAX);
    std::string many;
    for (int i = 0; i < 50; ++i) {
        many += "h3=\":1\",";
    }
    EXPECT_EQ(parse_alt_svc(many).alternatives.size(), alternatives_max);
}

}  // namespace
}  // namespace ringway::wire
