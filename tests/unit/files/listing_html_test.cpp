#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/files/listing.hpp>
#include <ringway/wire/path.hpp>

namespace ringway::files {
namespace {

std::string page_of(std::string_view path, std::vector<listing_entry> entries,
                    listing_view view = {}) {
    std::string out;
    append_listing_html({.normal_path = path, .entries = entries}, view, out);
    return out;
}

// What stands between `before` and `after`, for each of their occurrences.
std::vector<std::string> between(std::string_view text, std::string_view before,
                                 std::string_view after) {
    std::vector<std::string> found;
    for (auto at = text.find(before); at != text.npos; at = text.find(before, at)) {
        at += before.size();
        found.emplace_back(text.substr(at, text.find(after, at) - at));
    }
    return found;
}

TEST(listing_html, shows_an_entry) {
    const auto page = page_of("", {{"notes.txt", false, 1536, 784'111'777}});

    EXPECT_TRUE(page.starts_with("<!doctype html>"));
    EXPECT_TRUE(page.contains("<title>Index of /</title>"));
    EXPECT_TRUE(page.contains("<a href=\"notes.txt\">notes.txt</a>"));
    EXPECT_TRUE(page.contains("<data value=\"1536\">1.5 KiB</data>"));
    EXPECT_TRUE(
        page.contains("<time datetime=\"1994-11-06T08:49:37Z\">1994-11-06 "
                      "<span>08:49</span></time>"));
    EXPECT_TRUE(page.contains("0 folders, 1 file, 1.5 KiB"));
}

TEST(listing_html, shows_a_directory_without_a_size) {
    const auto page = page_of("", {{"sub", true, 4096, 0}});

    EXPECT_TRUE(page.contains("<tr class=\"d\"><td><a href=\"sub/\">sub/</a></td><td></td>"));
    EXPECT_TRUE(page.contains("1 folder, 0 files, 0 B"));
}

TEST(listing_html, links_every_directory_above) {
    const auto page = page_of("a/b & c/d", {});

    const auto crumbs = between(page, "<h1>", "</h1>");
    ASSERT_EQ(crumbs.size(), 1U);
    EXPECT_EQ(crumbs[0],
              "<a href=\"../../../\">Home</a><i>/</i><a href=\"../../\">a</a><i>/</i>"
              "<a href=\"../\">b &amp; c</a><i>/</i><a href=\"./\" aria-current=\"page\">d</a>");
    EXPECT_TRUE(page.contains("<title>Index of /a/b &amp; c/d/</title>"));
    EXPECT_TRUE(page.contains("<a href=\"../\">Parent folder</a>"));
}

TEST(listing_html, the_root_has_no_parent) {
    const auto page = page_of("", {});

    EXPECT_FALSE(page.contains("Parent folder"));
    EXPECT_TRUE(page.contains("<h1><a href=\"./\" aria-current=\"page\">Home</a></h1>"));
}

TEST(listing_html, links_names_exactly) {
    const std::pair<const char*, const char*> cases[] = {
        {"a:b", "a%3Ab"},
        {"x?y#z", "x%3Fy%23z"},
        {"100%", "100%25"},
        {"javascript:alert(1)", "javascript%3Aalert(1)"},
        {"\"'<>&", "%22%27%3C%3E%26"},
        {"\xff\xfe", "%FF%FE"},
        {"\xc3\xa9", "%C3%A9"},
        {"a\\b", "a%5Cb"},
        {" ", "%20"},
    };
    for (const auto& [name, href] : cases) {
        const auto page = page_of("", {{name}});
        EXPECT_TRUE(page.contains(std::string{"<td><a href=\""} + href + "\">")) << name;
    }
}

TEST(listing_html, shows_bytes_that_are_not_utf8_as_replacement_characters) {
    EXPECT_TRUE(page_of("", {{"a\xff z"}}).contains(">a\xef\xbf\xbd z</a>"));
}

TEST(listing_html, headings_turn_the_order_round) {
    const auto by_name = page_of("", {});
    EXPECT_TRUE(by_name.contains(
        "<th scope=\"col\" aria-sort=\"ascending\"><a href=\"?sort=name&amp;order=desc\">Name"));
    EXPECT_TRUE(by_name.contains("<th scope=\"col\"><a href=\"?sort=size&amp;order=desc\">Size"));

    const auto by_size = page_of("", {}, {listing_key::size, true});
    EXPECT_TRUE(by_size.contains(
        "<th scope=\"col\" aria-sort=\"descending\"><a href=\"?sort=size&amp;order=asc\">Size"));
    EXPECT_TRUE(by_size.contains("<th scope=\"col\"><a href=\"?sort=name&amp;order=asc\">Name"));
}

TEST(listing_html, says_when_it_was_cut) {
    std::vector<listing_entry> entries{{"a"}, {"b"}, {"c"}};
    std::string cut;
    std::string unread;

    append_listing_html({.entries = entries, .entries_max = 2}, {}, cut);
    append_listing_html({.entries = entries, .more = true}, {}, unread);

    EXPECT_TRUE(cut.contains("Only the first 2 of 3 entries are listed."));
    EXPECT_FALSE(cut.contains("href=\"c\""));
    EXPECT_TRUE(unread.contains("Only 3 entries are listed; there are more."));
    EXPECT_FALSE(page_of("", entries).contains("Only"));
}

TEST(listing_html, offers_json_where_there_is_some) {
    std::string page;
    append_listing_html({.offer_json = true}, {}, page);

    EXPECT_TRUE(page.contains("<a href=\"?format=json\">JSON</a>"));
    EXPECT_FALSE(page_of("", {}).contains("format=json"));
}

TEST(listing_html, appends) {
    std::string page = "before";
    append_listing_html({}, {}, page);

    EXPECT_TRUE(page.starts_with("before<!doctype html>"));
}

TEST(listing_html, needs_nothing_that_its_policy_forbids) {
    const auto page = page_of("a", {{"b"}});
    for (const auto* forbidden :
         {"<script", "<img", "<link", " style=", "url(", "@import", "onclick"}) {
        EXPECT_FALSE(page.contains(forbidden)) << forbidden;
    }
}

std::string draw_name(std::mt19937& random) {
    constexpr std::string_view odd = "<>&\"'`=/\\:?#%\xff\xc3\xa9\xe2\x80.";
    std::string name;
    for (auto count = 1 + random() % 20; count > 0; --count) {
        const auto c =
            random() % 2 ? odd[random() % odd.size()] : static_cast<char>(' ' + random() % 224);
        name += c == '/' || c == 0x7f ? 'x' : c;
    }
    return name == "." || name == ".." ? "dots" : name;
}

// Property: no name, of the directory or of what is in it, can reach the markup; each link leads to
// exactly the bytes of its name.
TEST(listing_html, no_name_becomes_markup) {
    constexpr std::string_view special = "<>&\"'";
    std::mt19937 random{20260206};
    for (int round = 0; round < 5'000; ++round) {
        const auto name = draw_name(random);
        const bool is_dir = random() % 2 == 0;
        const auto page = page_of(draw_name(random), {{name, is_dir}});

        const auto rows = between(
            page, is_dir ? "<tr class=\"d\"><td><a href=\"" : "<tr><td><a href=\"", "</a></td>");
        ASSERT_EQ(rows.size(), 1U) << name;
        const auto quote = rows[0].find("\">");
        ASSERT_NE(quote, std::string::npos);
        const auto href = rows[0].substr(0, quote);
        auto text = rows[0].substr(quote + 2);
        ASSERT_EQ(href.find_first_of(special), std::string::npos) << href;
        ASSERT_EQ(href.find(':'), std::string::npos) << href;
        for (const auto* entity : {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"}) {
            for (auto at = text.find(entity); at != text.npos; at = text.find(entity)) {
                text.erase(at, std::string_view{entity}.size());
            }
        }
        ASSERT_EQ(text.find_first_of(special), std::string::npos) << text;

        std::array<char, 512> scratch;
        const auto target = wire::normalize_path("/" + href, scratch);
        ASSERT_EQ(target.verdict, wire::path_verdict::ok) << href;
        ASSERT_EQ(target.path, name);
        ASSERT_EQ(target.directory, is_dir);
    }
}

// Property: the same tags whatever the names are.
TEST(listing_html, the_markup_does_not_depend_on_names) {
    std::mt19937 random{20260207};
    const auto tags = [](const std::string& page) {
        return std::pair{std::ranges::count(page, '<'), std::ranges::count(page, '"')};
    };
    const auto expected = tags(page_of("dir", {{"name"}}));
    for (int round = 0; round < 5'000; ++round) {
        const auto name = draw_name(random);
        ASSERT_EQ(tags(page_of(draw_name(random), {{name}})), expected) << name;
    }
}

}  // namespace
}  // namespace ringway::files
