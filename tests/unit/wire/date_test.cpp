#include <ringway/wire/date.hpp>

#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

constexpr std::int64_t example_s = 784'111'777;  // The example of RFC 9110 section 5.6.7.

std::string format(std::int64_t at) {
    std::array<char, http_date_bytes> out{};
    return std::string{format_http_date(at, out)};
}

TEST(date, three_forms_mean_the_same) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), example_s);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), example_s);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), example_s);
    EXPECT_EQ(parse_http_date("Sun Nov 06 08:49:37 1994"), example_s);
}

TEST(date, is_written_as_imf_fixdate) {
    EXPECT_EQ(format(example_s), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(format(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(format(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(date, what_the_format_cannot_show_is_clamped) {
    EXPECT_EQ(format(std::numeric_limits<std::int64_t>::min()), "Sat, 01 Jan 0000 00:00:00 GMT");
    EXPECT_EQ(format(std::numeric_limits<std::int64_t>::max()), "Fri, 31 Dec 9999 23:59:59 GMT");
}

// Goal: our calendar is the one of the C library.
TEST(date, agrees_with_strftime_and_reads_back_what_it_writes) {
    std::mt19937_64 random{1};
    std::uniform_int_distribution<std::int64_t> seconds{-62'167'219'200, 253'402'300'799};
    for (int i = 0; i < 20'000; ++i) {
        const auto at = i % 2 == 0 ? seconds(random) : seconds(random) % 4'102'444'800;
        const auto text = format(at);
        const std::time_t time = at;
        std::tm parts{};
        gmtime_r(&time, &parts);
        std::array<char, 64> expected{};
        std::strftime(expected.data(), expected.size(), "%a, %d %b ", &parts);
        ASSERT_TRUE(text.starts_with(expected.data())) << text;
        ASSERT_EQ(parse_http_date(text), at) << text;
    }
}

TEST(date, malformed_text_is_no_date) {
    for (const std::string_view text : {"",
                                        "Sun",
                                        "Sun,",
                                        "0",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 gmt",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        " Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sun,06 Nov 1994 08:49:37 GMT",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "sun, 06 Nov 1994 08:49:37 GMT",
                                        "Xyz, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 94 08:49:37 GMT",
                                        "Sun, 06-Nov-1994 08:49:37 GMT",
                                        "Sun, 06-Nov-94 08:49:37 GMT",
                                        "Sunday, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-1994 08:49:37 GMT",
                                        "Sun Nov 6 08:49:37 1994",
                                        "Sun Nov  6 08:49:37 1994 GMT",
                                        "Sun Nov   6 08:49:37 1994",
                                        "Sun, 06 Nov 1994 8:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 +0000",
                                        "784111777"}) {
        EXPECT_FALSE(parse_http_date(text).has_value()) << text;
    }
}

TEST(date, days_and_times_that_do_not_exist_are_no_date) {
    for (const std::string_view text :
         {"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
          "Wed, 29 Feb 2023 00:00:00 GMT", "Mon, 29 Feb 1900 00:00:00 GMT",
          "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
          "Sun, 06 Nov 1994 08:49:61 GMT"}) {
        EXPECT_FALSE(parse_http_date(text).has_value()) << text;
    }
    EXPECT_TRUE(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT").has_value());
}

TEST(date, leap_second_is_the_next_minute) {
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT"),
              parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST(date, wrong_day_name_is_tolerated) {
    EXPECT_EQ(parse_http_date("Mon, 06 Nov 1994 08:49:37 GMT"), example_s);
}

// Goal: RFC 9110 section 5.6.7: more than 50 years in the future is the past.
TEST(date, two_digit_years_are_within_fifty_years_of_now) {
    const auto now = *parse_http_date("Thu, 01 Jan 2026 00:00:00 GMT");
    const auto year_of = [now](std::string_view digits) {
        const auto text = "Sunday, 06-Nov-" + std::string{digits} + " 08:49:37 GMT";
        return format(parse_http_date(text, now).value_or(0)).substr(12, 4);
    };
    EXPECT_EQ(year_of("26"), "2026");
    EXPECT_EQ(year_of("76"), "2076");
    EXPECT_EQ(year_of("77"), "1977");
    EXPECT_EQ(year_of("99"), "1999");
    EXPECT_EQ(year_of("00"), "2000");
}

}  // namespace
}  // namespace ringway::wire
