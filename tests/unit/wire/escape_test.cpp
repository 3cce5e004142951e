#include <ringway/wire/escape.hpp>

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <ringway/wire/path.hpp>

namespace ringway::wire {
namespace {

std::string path(std::string_view text) {
    std::string out;
    append_escaped_path(out, text);
    return out;
}

std::string html(std::string_view text) {
    std::string out;
    append_html_escaped(out, text);
    return out;
}

std::string json(std::string_view text) {
    std::string out;
    append_json_escaped(out, text);
    return out;
}

TEST(escape, path_keeps_slashes_and_unreserved_characters) {
    EXPECT_EQ(path("/a-b_c.d~e/F9"), "/a-b_c.d~e/F9");
    EXPECT_EQ(path("a b?c#d%e"), "a%20b%3Fc%23d%25e");
    EXPECT_EQ(path("\"'<>&;\\"), "%22%27%3C%3E%26%3B%5C");
    EXPECT_EQ(path("\xc3\xa9\xff"), "%C3%A9%FF");
}

TEST(escape, path_cannot_leave_the_site) {
    EXPECT_EQ(path("//evil.com/dir"), "/evil.com/dir");
    EXPECT_EQ(path("///x"), "/x");
    EXPECT_EQ(path("/\\evil.com"), "/%5Cevil.com");
    EXPECT_EQ(path("javascript:alert(1)"), "javascript%3Aalert(1)");
    EXPECT_EQ(path("\r\nX: 1"), "%0D%0AX%3A%201");
    EXPECT_EQ(path("/\t/evil.com"), "/%09/evil.com");
}

TEST(escape, every_byte_survives_the_round_trip) {
    std::string all;
    for (int code = 0; code < 256; ++code) {
        all += static_cast<char>(code);
    }
    std::array<char, 256> out{};
    EXPECT_EQ(percent_decode(path(all), out), all);
    for (const char c : path(all)) {
        EXPECT_TRUE(c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '\\') << c;
    }
}

TEST(escape, targets_keep_their_escapes) {
    std::string out{"x"};
    append_escaped_target(out, "/a%20b/?c=d&e=[\"\r\n\xff]#");
    EXPECT_EQ(out, "x/a%20b/?c=d&e=%5B%22%0D%0A%FF%5D%23");
}

TEST(escape, html_is_text_in_elements_and_attributes) {
    EXPECT_EQ(html("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    EXPECT_EQ(html("d\xc3\xa9j\xc3\xa0 \xe2\x82\xac"), "d\xc3\xa9j\xc3\xa0 \xe2\x82\xac");
    EXPECT_EQ(html("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(html("\x1b\x7f"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(escape, what_is_not_utf8_is_replaced_byte_by_byte) {
    EXPECT_EQ(html("a\xff\xc3z"), "a\xef\xbf\xbd\xef\xbf\xbdz");
    EXPECT_EQ(json("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(html("\xc0\xbcscript"), "\xef\xbf\xbd\xef\xbf\xbdscript");
}

TEST(escape, json_strings_are_safe_inside_scripts_too) {
    EXPECT_EQ(json(R"(a"b\c)"), R"(a\"b\\c)");
    EXPECT_EQ(json("\n\x01"), "\\u000A\\u0001");
    EXPECT_EQ(json("</script>&"), "\\u003C/script\\u003E\\u0026");
    EXPECT_EQ(json("\u2028\u2029\u2027"), "\\u2028\\u2029\u2027");
    EXPECT_EQ(json(std::string_view{"\0", 1}), "\\u0000");
}

}  // namespace
}  // namespace ringway::wire
