#include <ringway/xdp/match.hpp>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

TEST(parse_prefix, reads_both_families) {
    for (const char* const text :
         {"10.0.0.0/8", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1"}) {
        const auto read = parse_prefix(text);
        ASSERT_TRUE(read.has_value()) << text;
        EXPECT_EQ(to_text(*read), text);
    }
}

TEST(parse_prefix, clears_what_does_not_count) {
    EXPECT_EQ(to_text(*parse_prefix("10.1.2.3/9")), "10.0.0.0/9");
    EXPECT_EQ(to_text(*parse_prefix("fd77::ffff/120")), "fd77::ff00/120");
}

TEST(parse_prefix, says_what_is_wrong) {
    for (const char* const text : {"", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x",
                                   "example.org", "10.0.0.0/-1"}) {
        const auto read = parse_prefix(text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_NE(read.error().find('"'), std::string::npos);
    }
}

TEST(match_rule, compares_nothing_when_nothing_is_set) {
    const auto made = match_rule{}.compile();
    for (const std::uint64_t mask : made.mask) {
        EXPECT_EQ(mask, 0U);
    }
}

TEST(match_rule, compares_each_field_at_its_place) {
    const auto made =
        match_rule{.ether_type = 0x0800, .protocol = 17, .source_port = 53, .target_port = 0}
            .compile();
    EXPECT_EQ(made.mask[4], 0xffff'ffff'ffff'ff04U);
    EXPECT_EQ(made.value[4], 0x0800'0035'0000'1104U);
}

TEST(match_rule, of_icmp_is_none_of_arp_whose_operation_has_the_same_number) {
    const auto icmp = match_rule{.protocol = 1, .icmp_type = 8}.compile();
    EXPECT_EQ(icmp.value[4], 0x0008'0104U);
    const auto arp = match_rule{.ether_type = 0x0806, .protocol = 1}.compile();
    EXPECT_EQ(arp.value[4], 0x0806'0000'0000'0101U);
    EXPECT_NE((icmp.value[4] ^ arp.value[4]) & icmp.mask[4], 0U);
}

TEST(match_rule, of_a_prefix_is_of_its_family) {
    const auto v4 = match_rule{.target = *parse_prefix("10.0.0.0/8")}.compile();
    EXPECT_EQ(v4.mask[2], 0U);
    EXPECT_EQ(v4.mask[3], 0x0000'00ff'0000'0000U);
    EXPECT_EQ(v4.value[3], 0x0000'000a'0000'0000U);
    EXPECT_EQ(v4.value[4], 4U);
    EXPECT_EQ(v4.mask[4], 0xffU);
    const auto v6 = match_rule{.source = *parse_prefix("::1")}.compile();
    EXPECT_EQ(v6.mask[0], ~std::uint64_t{0});
    EXPECT_EQ(v6.value[4], 6U);
}

}  // namespace
}  // namespace ringway::xdp
