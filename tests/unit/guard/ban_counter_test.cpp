#include "guard/ban_counter.hpp"

#include <gtest/gtest.h>

namespace ringway::guard {
namespace {

constexpr time_point start{std::chrono::hours{1}};

TEST(ban_counter, the_threshold_within_a_minute_counts) {
    ban_counter counts{3};
    const auto one = *client_of("192.0.2.1");
    const auto other = *client_of("192.0.2.2");
    EXPECT_FALSE(counts.report(one, start));
    EXPECT_FALSE(counts.report(one, start + seconds{59}));
    EXPECT_FALSE(counts.report(other, start + seconds{59}));
    EXPECT_FALSE(counts.report(one, start + seconds{60}));  // A new minute.
    EXPECT_FALSE(counts.report(one, start + seconds{61}));
    EXPECT_TRUE(counts.report(one, start + seconds{62}));
    EXPECT_FALSE(counts.report(one, start + seconds{63}));
}

// Goal: too many connections count too, but many of them.
TEST(ban_counter, refusals_count_a_sixteenth) {
    ban_counter counts{2};
    const auto one = *client_of("192.0.2.1");
    EXPECT_FALSE(counts.report(one, start));
    for (unsigned i = 0; i < 15; ++i) {
        EXPECT_FALSE(counts.report(one, start, ban_counter::points_of_refusal));
    }
    EXPECT_TRUE(counts.report(one, start, ban_counter::points_of_refusal));
}

TEST(ban_counter, forgets_only_those_whose_minute_has_passed) {
    ban_counter counts{2};
    cidr each{.address = {10}, .length = 32};
    for (std::size_t i = 0; i < ban_counter::clients_max; ++i) {
        each.address[1] = static_cast<std::uint8_t>(i >> 16U);
        each.address[2] = static_cast<std::uint8_t>(i >> 8U);
        each.address[3] = static_cast<std::uint8_t>(i);
        EXPECT_FALSE(counts.report(each, start));
    }
    const auto late = *client_of("192.0.2.1");
    EXPECT_FALSE(counts.report(late, start + seconds{30}));
    EXPECT_FALSE(counts.report(late, start + seconds{31}));  // There was no room for it.
    EXPECT_TRUE(counts.report(each, start + seconds{31}));
    EXPECT_FALSE(counts.report(late, start + seconds{61}));
    EXPECT_TRUE(counts.report(late, start + seconds{62}));
}

TEST(ban_counter, a_client_is_an_address_or_a_subnet) {
    EXPECT_EQ(to_text(*client_of("192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(to_text(*client_of("::ffff:192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(to_text(*client_of("2001:db8:1:2:3::4")), "2001:db8:1:2::/64");
    EXPECT_EQ(to_text(*client_of("[2001:db8:1:2:3::4]")), "2001:db8:1:2::/64");
    EXPECT_EQ(to_text(*client_of("fe80::1%eth0")), "fe80::1");
    EXPECT_FALSE(client_of("unix:/run/x").has_value());
    EXPECT_FALSE(client_of("").has_value());
}

}  // namespace
}  // namespace ringway::guard
