#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/files/listing.hpp>

namespace ringway::files {
namespace {

std::string json_of(std::string_view path, std::vector<listing_entry> entries) {
    std::string out;
    append_listing_json({.normal_path = path, .entries = entries}, {}, out);
    return out;
}

TEST(listing_json, is_exact) {
    EXPECT_EQ(json_of("a/b", {{"x.txt", false, 9'999'999'999, 784'111'777}, {"d", true, 4096, 0}}),
              "{\"path\":\"/a/b/\",\"total\":2,\"truncated\":false,\"entries\":[\n"
              "{\"name\":\"d\",\"href\":\"d/\",\"type\":\"directory\","
              "\"modified\":\"1970-01-01T00:00:00Z\"},\n"
              "{\"name\":\"x.txt\",\"href\":\"x.txt\",\"type\":\"file\",\"size\":9999999999,"
              "\"modified\":\"1994-11-06T08:49:37Z\"}\n"
              "]}\n");
}

TEST(listing_json, shows_an_empty_root) {
    EXPECT_EQ(json_of("", {}),
              "{\"path\":\"/\",\"total\":0,\"truncated\":false,\"entries\":[\n]}\n");
}

TEST(listing_json, escapes_names) {
    const auto text = json_of("q\"", {{"a\"b\\c\xff"}});

    EXPECT_TRUE(text.contains("\"path\":\"/q\\\"/\""));
    EXPECT_TRUE(text.contains("\"name\":\"a\\\"b\\\\c\xef\xbf\xbd\""));
    EXPECT_TRUE(text.contains("\"href\":\"a%22b%5Cc%FF\""));
}

TEST(listing_json, says_when_it_was_cut) {
    std::vector<listing_entry> entries{{"a"}, {"b"}, {"c"}};
    std::string cut;
    std::string unread;

    append_listing_json({.entries = entries, .entries_max = 2}, {}, cut);
    append_listing_json({.entries = entries, .more = true}, {}, unread);

    EXPECT_TRUE(cut.contains("\"total\":3,\"truncated\":true"));
    EXPECT_EQ(std::ranges::count(cut, '\n'), 4);
    EXPECT_TRUE(unread.contains("\"total\":null,\"truncated\":true"));
}

}  // namespace
}  // namespace ringway::files
