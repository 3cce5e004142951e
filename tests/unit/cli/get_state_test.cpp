#include "cli/get_state.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using fields = std::vector<http::client_field>;

TEST(get_state, what_is_written_is_read_again) {
    const get_state state{.url = "http://a/\"x\"\xff",
                          .validator = "\"v\"",
                          .total = 30,
                          .ranges = {{0, 10, 10}, {10, 30, 12}}};
    const auto again = read_state(to_text(state));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ranges, state.ranges);
    EXPECT_EQ(again->validator, state.validator);
    EXPECT_EQ(again->total, 30U);
    EXPECT_EQ(again->bytes_done(), 12U);
    EXPECT_FALSE(again->is_complete());
}

// Goal: a damaged state never makes a file of holes.
TEST(get_state, what_makes_no_sense_is_nothing) {
    const auto with = [](std::string_view ranges, std::string_view total = "30") {
        return "{\"format\":1,\"url\":\"u\",\"validator\":\"v\",\"total\":" + std::string{total} +
               ",\"ranges\":" + std::string{ranges} + "}";
    };
    EXPECT_TRUE(read_state(with("[[0,30,5]]")));
    for (const auto& text :
         {std::string{}, std::string{"[]"}, std::string{"{}"}, with("[[0,30,31]]"),
          with("[[1,30,5]]"), with("[[0,10,5],[11,30,12]]"), with("[[0,10,5],[10,29,12]]"),
          with("[[0,30]]"), with("[[0,30,-1]]"), with("[]"), with("[[0,30,5]]", "\"x\""),
          with("[[5,0,5]]"), with("{}")}) {
        EXPECT_FALSE(read_state(text)) << text;
    }
}

TEST(get_state, strong_validators) {
    EXPECT_EQ(strong_validator(fields{{"ETag", "\"a\""}}), "\"a\"");
    EXPECT_EQ(strong_validator(fields{{"ETag", "W/\"a\""}}), "");
    EXPECT_EQ(strong_validator(fields{{"ETag", "a"}}), "");
    const std::string then = "Sun, 06 Nov 1994 08:49:37 GMT";
    const std::string later = "Sun, 06 Nov 1994 08:49:38 GMT";
    EXPECT_EQ(
        strong_validator(fields{{"ETag", "W/\"a\""}, {"Last-Modified", then}, {"Date", later}}),
        then);
    // It may change again within the second.
    EXPECT_EQ(strong_validator(fields{{"Last-Modified", then}, {"Date", then}}), "");
    EXPECT_EQ(strong_validator(fields{{"Last-Modified", then}}), "");
}

TEST(get_state, pieces_cover_all_and_are_not_too_small) {
    const auto four = cut(0, 103, 4, 1);
    ASSERT_EQ(four.size(), 4U);
    std::uint64_t at = 0;
    for (const auto& each : four) {
        EXPECT_EQ(each.first, at);
        EXPECT_EQ(each.done, at);
        at = each.end;
    }
    EXPECT_EQ(at, 103U);
    EXPECT_EQ(cut(0, 103, 4, 50).size(), 2U);
    EXPECT_EQ(cut(0, 10, 4, 50).size(), 1U);
    EXPECT_EQ(cut(0, 0, 4, 50), (std::vector<get_range>{{0, 0, 0}}));
}

TEST(get_state, content_ranges) {
    const auto range = read_content_range("bytes 5-9/100");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 5U);
    EXPECT_EQ(range->last, 9U);
    EXPECT_EQ(range->total, 100U);
    EXPECT_EQ(read_content_range("bytes 5-9/*")->total, get_state::unknown);
    for (const char* const text :
         {"", "bytes */100", "bytes 9-5/100", "bytes 5-100/100", "bytes 5-9", "bytes 5-9/10x",
          "bytes -5-9/10", "lines 5-9/100"}) {
        EXPECT_FALSE(read_content_range(text)) << text;
    }
}

}  // namespace
}  // namespace ringway::cli
