#include "lab/drop_rule.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

packet_facts datagram(std::size_t size) {
    return {.protocol = transport_protocol::udp, .payload_bytes = size};
}

TEST(drop_rule, numbers_count_what_fits) {
    auto rule = parse_drop_rule("up:udp:>=1000:<=1300:2,4-5");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->direction, path_direction::up);
    EXPECT_FALSE(rule->drops(datagram(999)));
    EXPECT_FALSE(rule->drops(datagram(1000)));  // 1
    EXPECT_FALSE(rule->drops(datagram(1301)));
    EXPECT_FALSE(rule->drops({.protocol = transport_protocol::tcp, .payload_bytes = 1200}));
    EXPECT_TRUE(rule->drops(datagram(1300)));   // 2
    EXPECT_FALSE(rule->drops(datagram(1200)));  // 3
    EXPECT_TRUE(rule->drops(datagram(1200)));   // 4
    EXPECT_TRUE(rule->drops(datagram(1200)));   // 5
    EXPECT_FALSE(rule->drops(datagram(1200)));
}

TEST(drop_rule, from_a_number_on) {
    auto rule = parse_drop_rule("down:3-");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->direction, path_direction::down);
    EXPECT_FALSE(rule->drops(datagram(1)));
    EXPECT_FALSE(rule->drops({.protocol = transport_protocol::tcp}));
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(rule->drops(datagram(1)));
    }
}

TEST(drop_rule, earlier_packets_do_not_count) {
    auto rule = *parse_drop_rule("down:1");
    rule.after = std::chrono::seconds{1};
    EXPECT_FALSE(rule.drops(datagram(1), std::chrono::milliseconds{999}));
    EXPECT_TRUE(rule.drops(datagram(1), std::chrono::milliseconds{1000}));
    EXPECT_FALSE(rule.drops(datagram(1), std::chrono::milliseconds{1001}));
}

TEST(drop_rule, nonsense_is_told) {
    for (const auto* const text : {"", "up", "up:", "sideways:1", "up:icmp:1", "up:>=x:1", "up:0",
                                   "up:5-2", "up:1,x", "up:udp", "up:=>5:1", "up:-3"}) {
        const auto rule = parse_drop_rule(text);
        ASSERT_FALSE(rule.has_value()) << text;
        EXPECT_TRUE(rule.error().contains("is no rule for drops")) << rule.error();
    }
}

}  // namespace
}  // namespace ringway::lab
