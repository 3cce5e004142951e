#include "monitor/address_text.hpp"

#include <array>
#include <gtest/gtest.h>

namespace ringway::monitor {
namespace {

using address = std::array<std::uint8_t, 16>;

constexpr address v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7};
constexpr address any_v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr address v6{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

TEST(address_text, writes_both_families) {
    EXPECT_EQ(address_text(v4), "192.0.2.7");
    EXPECT_EQ(address_text(v6), "2001:db8::1");
}

TEST(address_text, writes_endpoints) {
    EXPECT_EQ(endpoint_text(v4, 80), "192.0.2.7:80");
    EXPECT_EQ(endpoint_text(v6, 443), "[2001:db8::1]:443");
    EXPECT_EQ(endpoint_text(v6, 0), "[2001:db8::1]:*");
    EXPECT_EQ(endpoint_text(any_v4, 22), "*:22");
    EXPECT_EQ(endpoint_text(address{}, 22), "*:22");
}

TEST(address_text, names_states) {
    EXPECT_STREQ(state_text(1, false), "ESTAB");
    EXPECT_STREQ(state_text(10, false), "LISTEN");
    EXPECT_STREQ(state_text(200, false), "?");
    EXPECT_STREQ(state_text(7, true), "UNCONN");
    EXPECT_STREQ(state_text(1, true), "ESTAB");
}

}  // namespace
}  // namespace ringway::monitor
