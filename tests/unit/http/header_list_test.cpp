#include <ringway/http/header_list.hpp>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

TEST(header_list, keeps_fields_in_order) {
    header_list list;

    list.add_static("Accept-Ranges", "bytes");
    list.add("ETag", "\"1\"");
    list.add_number("Content-Length", 18446744073709551615U);

    ASSERT_EQ(list.fields().size(), 3U);
    EXPECT_EQ(list.fields()[0].name, "Accept-Ranges");
    EXPECT_EQ(list.fields()[1].value, "\"1\"");
    EXPECT_EQ(list.find("content-length"), "18446744073709551615");
    EXPECT_EQ(list.find("Vary"), "");
}

TEST(header_list, copies_values_that_are_added) {
    header_list list;
    std::string value = "\"first\"";

    list.add("ETag", value);
    value.assign(value.size(), 'x');

    EXPECT_EQ(list.find("ETag"), "\"first\"");
}

TEST(header_list, adds_an_empty_value) {
    header_list list;

    list.add("X-Empty", {});

    ASSERT_EQ(list.fields().size(), 1U);
    EXPECT_EQ(list.fields()[0].value, "");
}

TEST(header_list, refuses_bytes_that_would_split_the_head) {
    using namespace std::string_view_literals;
    for (const auto value : {"a\r\nSet-Cookie: x"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv}) {
        header_list list;
        EXPECT_FALSE(list.try_add("Location", value));
        EXPECT_TRUE(list.fields().empty());
    }
}

TEST(header_list, declines_text_that_does_not_fit_and_keeps_what_it_has) {
    header_list list;
    const std::string most(header_list::text_bytes_max - 1, 'a');

    ASSERT_TRUE(list.try_add("X-Most", most));
    EXPECT_FALSE(list.try_add("X-More", "bc"));
    EXPECT_TRUE(list.try_add("X-Last", "b"));

    EXPECT_EQ(list.find("X-Most"), most);
    EXPECT_EQ(list.find("X-Last"), "b");
    EXPECT_TRUE(list.free_text().empty());
}

TEST(header_list, declines_more_fields_than_it_has_room_for) {
    header_list list;
    for (std::size_t i = 0; i < header_list::fields_max; ++i) {
        ASSERT_TRUE(list.try_add("X", "y"));
    }

    EXPECT_FALSE(list.try_add("X", "y"));

    EXPECT_EQ(list.fields().size(), header_list::fields_max);
}

TEST(header_list, set_replaces_whatever_the_case) {
    header_list list;
    list.add_static("X-Content-Type-Options", "nosniff");
    list.add_static("Vary", "Accept");

    list.set_static("x-content-type-options", "other");
    list.set_static("X-New", "1");

    ASSERT_EQ(list.fields().size(), 3U);
    EXPECT_EQ(list.fields()[0].value, "other");
    EXPECT_EQ(list.find("X-New"), "1");
}

TEST(header_list, keeps_text_that_was_composed_in_place) {
    header_list list;
    std::ranges::copy(std::string_view{"composed"}, list.free_text().begin());

    const auto kept = list.keep(8);
    list.add("Other", "text");

    EXPECT_EQ(kept, "composed");
}

TEST(header_list, clear_frees_everything) {
    header_list list;
    list.add("X", std::string(header_list::text_bytes_max, 'a'));

    list.clear();

    EXPECT_TRUE(list.fields().empty());
    EXPECT_EQ(list.free_text().size(), header_list::text_bytes_max);
}

TEST(header_list, compares_ascii_without_regard_to_case) {
    EXPECT_TRUE(equal_ignoring_case("Content-TYPE", "content-type"));
    EXPECT_TRUE(equal_ignoring_case("", ""));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));  // 0x20 apart, but no letters.
}

TEST(header_list_death, overflow_is_our_own_bug) {
    header_list list;

    EXPECT_DEATH(list.add("X", std::string(header_list::text_bytes_max + 1, 'a')), "assertion");
    EXPECT_DEATH(list.add_static("X", "a\nb"), "assertion");
}

}  // namespace
}  // namespace ringway::http
