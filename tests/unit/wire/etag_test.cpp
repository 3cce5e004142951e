#include <ringway/wire/etag.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

// Goal: the table of RFC 9110 section 8.8.3.2.
TEST(etag, comparison_follows_the_table) {
    EXPECT_FALSE(strong_equal(R"(W/"1")", R"(W/"1")"));
    EXPECT_TRUE(weak_equal(R"(W/"1")", R"(W/"1")"));
    EXPECT_FALSE(strong_equal(R"(W/"1")", R"(W/"2")"));
    EXPECT_FALSE(weak_equal(R"(W/"1")", R"(W/"2")"));
    EXPECT_FALSE(strong_equal(R"(W/"1")", R"("1")"));
    EXPECT_TRUE(weak_equal(R"(W/"1")", R"("1")"));
    EXPECT_TRUE(strong_equal(R"("1")", R"("1")"));
    EXPECT_TRUE(weak_equal(R"("1")", R"("1")"));
}

TEST(etag, what_is_no_tag_equals_nothing) {
    EXPECT_FALSE(strong_equal("", ""));
    EXPECT_FALSE(weak_equal("", ""));
    EXPECT_FALSE(strong_equal("1", "1"));
    EXPECT_FALSE(weak_equal("W/", "W/"));
}

TEST(etag, grammar_is_strict) {
    for (const std::string_view tag :
         {R"("")", R"("a")", R"(W/"")", R"("a,b")", R"("\")", "\"\xe9\""}) {
        EXPECT_TRUE(is_etag(tag)) << tag;
    }
    for (const std::string_view tag :
         {"", "W/", "\"", "a", R"(w/"a")", R"(W/ "a")", R"("a"b")", R"("a b")", R"("a" )",
          R"( "a")", "\"\x7f\"", "\"\n\"", "'a'"}) {
        EXPECT_FALSE(is_etag(tag)) << tag;
    }
}

TEST(etag, list_is_searched) {
    constexpr std::string_view tag = R"("b")";
    for (const std::string_view list :
         {R"("b")", R"("a","b")", R"("a" , "b","c")", R"(,,"a",,"b",)", R"( "b" )", "\t\"b\"\t"}) {
        EXPECT_TRUE(etag_list_matches(list, tag, false)) << list;
        EXPECT_TRUE(etag_list_matches(list, tag, true)) << list;
    }
    EXPECT_FALSE(etag_list_matches(R"("a", W/"b")", tag, false));
    EXPECT_TRUE(etag_list_matches(R"("a", W/"b")", tag, true));
    EXPECT_FALSE(etag_list_matches(R"("a","c")", tag, true));
}

TEST(etag, comma_inside_of_a_tag_does_not_end_it) {
    EXPECT_FALSE(etag_list_matches(R"("a,"b",c")", R"("b")", true));
    EXPECT_TRUE(etag_list_matches(R"("x,y","b")", R"("b")", true));
}

TEST(etag, malformed_list_is_reported_unless_it_matched_before) {
    bool malformed = false;
    for (const std::string_view list :
         {"b", R"("a" "b")", R"("a";"b")", R"("b)", "*", R"("a", *)"}) {
        EXPECT_FALSE(etag_list_matches(list, R"("b")", true, &malformed)) << list;
        EXPECT_TRUE(malformed) << list;
    }
    EXPECT_TRUE(etag_list_matches(R"("b", junk)", R"("b")", true, &malformed));
    EXPECT_FALSE(malformed);
    for (const std::string_view list : {"", " ", ",", R"("a")", R"("a",)"}) {
        EXPECT_FALSE(etag_list_matches(list, R"("b")", true, &malformed)) << list;
        EXPECT_FALSE(malformed) << list;
    }
}

TEST(etag, star_stands_alone) {
    EXPECT_TRUE(is_any_etag("*"));
    EXPECT_FALSE(is_any_etag("**"));
    EXPECT_FALSE(is_any_etag(R"("*")"));
}

std::string format(const etag_source& source) {
    std::array<char, etag_bytes_max> out{};
    return std::string{format_etag(source, out)};
}

TEST(etag, is_made_of_size_and_mtime) {
    EXPECT_EQ(format({.size = 4096, .mtime_ns = 1'700'000'000'123'456'789}),
              R"("1000-17979cfe3d85cd15")");
    EXPECT_EQ(format({.size = 0, .mtime_ns = 1'000'000'001, .variant = "br"}),
              R"("0-3b9aca01-br")");
}

// Goal: ctime moves on chmod and backup, so it must not matter where the mtime is good.
TEST(etag, ctime_and_inode_matter_only_without_an_mtime) {
    EXPECT_EQ(format({.size = 1, .mtime_ns = 5'000'000'000, .ctime_ns = 1, .inode = 2}),
              format({.size = 1, .mtime_ns = 5'000'000'000, .ctime_ns = 3, .inode = 4}));
    for (const std::int64_t mtime_ns :
         {std::int64_t{0}, std::int64_t{1'000'000'000}, std::int64_t{-5}}) {
        EXPECT_EQ(format({.size = 1, .mtime_ns = mtime_ns, .ctime_ns = 0xabc, .inode = 0x7}),
                  R"("1-cabc-7")");
    }
}

TEST(etag, longest_tag_fits_and_is_a_tag) {
    const auto tag = format({.size = std::numeric_limits<std::uint64_t>::max(),
                             .mtime_ns = -1,
                             .ctime_ns = -1,
                             .inode = std::numeric_limits<std::uint64_t>::max(),
                             .variant = "identity"});
    EXPECT_TRUE(is_etag(tag));
    EXPECT_FALSE(is_weak(tag));
    EXPECT_LE(tag.size(), etag_bytes_max);
}

}  // namespace
}  // namespace ringway::wire
