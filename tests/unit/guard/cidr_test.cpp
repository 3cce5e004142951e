#include "guard/cidr.hpp"

#include <gtest/gtest.h>

namespace ringway::guard {
namespace {

TEST(cidr, reads_what_it_writes) {
    for (const char* const text : {"192.0.2.0/24", "10.0.0.1", "0.0.0.0/0", "2001:db8::/32", "::1",
                                   "::/0", "10.128.0.0/9"}) {
        const auto range = parse_cidr(text);
        ASSERT_TRUE(range.has_value()) << range.error();
        EXPECT_EQ(to_text(*range), text);
    }
    EXPECT_EQ(to_text(*parse_cidr("10.0.0.1/32")), "10.0.0.1");
    EXPECT_EQ(to_text(*parse_cidr("::ffff:10.0.0.0/104")), "10.0.0.0/8");
}

TEST(cidr, says_what_is_wrong) {
    const auto why = [](const char* text) {
        const auto range = parse_cidr(text);
        return range ? "" : range.error();
    };
    EXPECT_EQ(why("example.org"), "\"example.org\" is no IP address");
    EXPECT_EQ(why("10.0.0"), "\"10.0.0\" is no IP address");
    EXPECT_EQ(why("10.0.0.0/33"), "\"10.0.0.0/33\": the length of the prefix is 0 to 32");
    EXPECT_EQ(why("10.0.0.0/"), "\"10.0.0.0/\": the length of the prefix is 0 to 32");
    EXPECT_EQ(why("::/129"), "\"::/129\": the length of the prefix is 0 to 128");
    EXPECT_EQ(why("10.1.2.3/8"),
              "\"10.1.2.3/8\" has bits set behind the length of its prefix: 10.0.0.0/8 was meant?");
}

TEST(cidr, contains_what_is_longer_and_begins_the_same) {
    const auto contains = [](const char* a, const char* b) {
        return parse_cidr(a)->contains(*parse_cidr(b));
    };
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
    EXPECT_TRUE(contains("10.0.0.0/8", "10.0.0.0/8"));
    EXPECT_TRUE(contains("::/0", "2001:db8::1"));
    EXPECT_FALSE(contains("10.0.0.0/9", "10.128.0.0"));
    EXPECT_FALSE(contains("10.0.0.0/16", "10.0.0.0/8"));
    EXPECT_FALSE(contains("::/0", "10.0.0.1"));
}

}  // namespace
}  // namespace ringway::guard
