#include "cli/value_parsers.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

TEST(value_parsers, sizes) {
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("off"), 0U);
    EXPECT_EQ(parse_size("500"), 500U);
    EXPECT_EQ(parse_size("500B"), 500U);
    EXPECT_EQ(parse_size("32K"), 32U * 1024);
    EXPECT_EQ(parse_size("32k"), 32U * 1024);
    EXPECT_EQ(parse_size("32KiB"), 32U * 1024);
    EXPECT_EQ(parse_size("64M"), 64U * 1024 * 1024);
    EXPECT_EQ(parse_size("2G"), 2ULL * 1024 * 1024 * 1024);
    for (const auto* const bad : {"", "K", "-1", "+1", "1.5K", "1 K", "1KK", "1T", " 1", "0x10",
                                  "99999999999999999999", "9999999999G"}) {
        const auto size = parse_size(bad);
        ASSERT_FALSE(size) << bad;
        EXPECT_NE(size.error().find("\"" + std::string{bad} + "\" is no size"), std::string::npos);
    }
}

TEST(value_parsers, a_bare_number_can_be_seconds) {
    EXPECT_EQ(parse_seconds("5"), 5s);
    EXPECT_EQ(parse_seconds("0"), 0ms);
    EXPECT_EQ(parse_seconds("off"), 0ms);
    EXPECT_EQ(parse_seconds("500ms"), 500ms);
    for (const auto* bad : {"", "s", "-1", "1.5", "5x", " 5", "99999999999999999999"}) {
        EXPECT_FALSE(parse_seconds(bad)) << bad;
    }
    EXPECT_TRUE(parse_seconds("x").error().contains("number of seconds"));
}

TEST(value_parsers, durations) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("10s"), 10'000ms);
    EXPECT_EQ(parse_duration("5m"), 300'000ms);
    EXPECT_EQ(parse_duration("1h"), 3'600'000ms);
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    EXPECT_EQ(parse_duration("off"), 0ms);
    for (const auto* const bad : {"", "10", "s", "-1s", "1.5s", "1 s", "1d", "9999999h"}) {
        EXPECT_FALSE(parse_duration(bad)) << bad;
    }
    EXPECT_EQ(parse_duration("10").error(),
              "\"10\" is no duration: write 500ms, 10s, 5m, 1h or off");
}

TEST(value_parsers, numbers) {
    EXPECT_EQ(parse_number("7", 1, 10), 7U);
    EXPECT_EQ(parse_number("0", 1, 10).error(), "\"0\" is no whole number from 1 to 10");
    EXPECT_EQ(parse_number("11", 1, 10).error(), "\"11\" is no whole number from 1 to 10");
    EXPECT_FALSE(parse_number("7x", 1, 10));
    EXPECT_FALSE(parse_number("", 0, 10));
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(parse_number("18446744073709551615", 0, most), most);
    EXPECT_EQ(parse_number("18446744073709551616", 0, most).error(),
              "\"18446744073709551616\" is no whole number");
}

TEST(value_parsers, switches) {
    for (const auto* const yes : {"true", "yes", "on", "1"}) {
        EXPECT_EQ(parse_switch(yes), true);
    }
    for (const auto* const no : {"false", "no", "off", "0"}) {
        EXPECT_EQ(parse_switch(no), false);
    }
    EXPECT_EQ(parse_switch("maybe").error(), "\"maybe\" is neither yes nor no");
}

TEST(value_parsers, lists) {
    using parts = std::vector<std::string_view>;
    EXPECT_EQ(split_list("a,b"), (parts{"a", "b"}));
    EXPECT_EQ(split_list(" a , b c ,,"), (parts{"a", "b c"}));
    EXPECT_EQ(split_list(""), parts{});
    EXPECT_EQ(split_list(" , "), parts{});
}

TEST(value_parsers, choices) {
    static constexpr std::array<std::pair<std::string_view, int>, 3> choices{
        {{"deny", 1}, {"inside", 2}, {"follow", 3}}};
    EXPECT_EQ(parse_choice<int>("inside", choices), 2);
    EXPECT_EQ(parse_choice<int>("folow", choices).error(),
              "\"folow\" is none of deny, inside and follow; did you mean follow?");
    EXPECT_EQ(parse_choice<int>("x", choices).error(), "\"x\" is none of deny, inside and follow");
}

}  // namespace
}  // namespace ringway::cli
