#include <ringway/wire/conditional.hpp>

#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

constexpr std::string_view tag = R"("v1")";
constexpr std::int64_t modified_s = 784'111'777;
constexpr std::int64_t now_s = modified_s + 1000;
constexpr std::string_view same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view later = "Sun, 06 Nov 1994 08:49:38 GMT";

precondition ask(const conditions& asked) { return evaluate(asked, tag, modified_s, now_s); }

TEST(conditional, no_condition_proceeds) {
    EXPECT_EQ(ask({}), precondition::proceed);
    EXPECT_EQ(ask({.range = "bytes=0-"}), precondition::proceed);
}

TEST(conditional, last_modified_is_never_in_the_future) {
    EXPECT_EQ(last_modified_at(5, 10), 5);
    EXPECT_EQ(last_modified_at(15, 10), 10);
    // A client that got `now` as Last-Modified of a file from the future asks with a later one.
    EXPECT_EQ(evaluate({.if_modified_since = same}, tag, modified_s + 5000, modified_s),
              precondition::not_modified);
    EXPECT_EQ(evaluate({.if_modified_since = same}, tag, modified_s + 5000, modified_s + 1),
              precondition::proceed);
}

TEST(conditional, representation_without_a_tag_matches_only_star) {
    EXPECT_EQ(evaluate({.if_none_match = R"("")"}, "", modified_s, now_s), precondition::proceed);
    EXPECT_EQ(evaluate({.if_none_match = "*"}, "", modified_s, now_s), precondition::not_modified);
    EXPECT_EQ(evaluate({.if_match = R"("")"}, "", modified_s, now_s), precondition::failed);
}

TEST(conditional, range_needs_a_range_and_a_get) {
    EXPECT_FALSE(range_applies({}, tag, modified_s, now_s));
    EXPECT_TRUE(range_applies({.range = "bytes=0-"}, tag, modified_s, now_s));
    EXPECT_FALSE(
        range_applies({.range = "bytes=0-", .get_or_head = false}, tag, modified_s, now_s));
}

TEST(conditional, if_range_takes_the_current_strong_tag_only) {
    const auto applies = [](std::string_view if_range, std::string_view etag) {
        return range_applies({.if_range = if_range, .range = "bytes=0-"}, etag, modified_s, now_s);
    };
    EXPECT_TRUE(applies(tag, tag));
    EXPECT_FALSE(applies(R"("v2")", tag));
    EXPECT_FALSE(applies(R"(W/"v1")", tag));
    EXPECT_FALSE(applies(R"(W/"v1")", R"(W/"v1")"));
    EXPECT_FALSE(applies("v1", tag));
    EXPECT_FALSE(applies(R"("v1", "v2")", tag));  // One tag, not a list.
    EXPECT_FALSE(applies("*", tag));
    EXPECT_FALSE(applies("", tag));
}

TEST(conditional, if_range_takes_the_exact_date_only) {
    const auto applies = [](std::string_view if_range, std::int64_t now) {
        return range_applies({.if_range = if_range, .range = "bytes=0-"}, tag, modified_s, now);
    };
    EXPECT_TRUE(applies(same, now_s));
    EXPECT_FALSE(applies(earlier, now_s));
    EXPECT_FALSE(applies(later, now_s));
    EXPECT_FALSE(applies("yesterday", now_s));
    EXPECT_FALSE(applies(same, modified_s));
    EXPECT_FALSE(applies(same, modified_s + 1));
    EXPECT_TRUE(applies(same, modified_s + 2));
}

}  // namespace
}  // namespace ringway::wire
