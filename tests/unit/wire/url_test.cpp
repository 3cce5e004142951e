#include <ringway/wire/url.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

std::string read(std::string_view text) {
    const auto url = parse_url(text);
    return url ? url->text() : "refused";
}

std::string_view reason_of(std::string_view text) {
    std::string_view reason = "none";
    EXPECT_FALSE(parse_url(text, &reason)) << text;
    return reason;
}

TEST(url, parts_are_taken_apart) {
    const auto url = parse_url("HTTPS://Example.ORG:8443/a/b%2Fc?q=1&r#part");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->secure);
    EXPECT_EQ(url->host, "example.org");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a/b%2Fc?q=1&r");
    EXPECT_EQ(url->path(), "/a/b%2Fc");
    EXPECT_EQ(url->authority(), "example.org:8443");
    EXPECT_EQ(url->origin(), "https://example.org:8443");
}

TEST(url, defaults_are_filled_in) {
    EXPECT_EQ(read("http://example.org"), "http://example.org/");
    EXPECT_EQ(parse_url("http://example.org")->port, 80);
    EXPECT_EQ(read("https://example.org:443/x"), "https://example.org/x");
    EXPECT_EQ(read("http://example.org?q"), "http://example.org/?q");
    EXPECT_EQ(read("http://example.org:"), "http://example.org/");
}

TEST(url, ipv6_literals_lose_and_regain_their_brackets) {
    const auto url = parse_url("http://[::1]:8080/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_TRUE(url->is_ipv6);
    EXPECT_EQ(url->authority(), "[::1]:8080");
    EXPECT_EQ(read("http://[::1"), "refused");
    EXPECT_EQ(read("http://[zz]/"), "refused");
}

TEST(url, what_a_url_can_not_hold_is_encoded) {
    EXPECT_EQ(read("http://a/x y\"<>"), "http://a/x%20y%22%3C%3E");
    EXPECT_EQ(read("http://a/caf\xc3\xa9?\xc3\xa9"), "http://a/caf%C3%A9?%C3%A9");
    EXPECT_EQ(read("http://a/50%"), "http://a/50%");  // As it was given.
}

TEST(url, dot_segments_are_resolved) {
    EXPECT_EQ(read("http://a/b/../c/./d"), "http://a/c/d");
    EXPECT_EQ(read("http://a/../../x"), "http://a/x");
    EXPECT_EQ(read("http://a/b/.."), "http://a/");
    EXPECT_EQ(read("http://a/b/%2e%2E/x"), "http://a/x");
    EXPECT_EQ(read("http://a/b?c=../d"), "http://a/b?c=../d");
    EXPECT_EQ(read("http://a//b///c"), "http://a//b///c");
}

TEST(url, refusals_have_reasons) {
    EXPECT_TRUE(reason_of("http://user:pw@host/").contains("user name"));
    EXPECT_TRUE(reason_of("http://good.example@evil.example/").contains("user name"));
    EXPECT_TRUE(reason_of("ftp://host/").contains("only http"));
    EXPECT_TRUE(reason_of("example.org/x").contains("in front"));
    EXPECT_TRUE(reason_of("http://b\xc3\xbc"
                          "cher.example/")
                    .contains("xn--"));
    EXPECT_TRUE(reason_of("http:/x").contains("slashes"));
    EXPECT_TRUE(reason_of("http://a:0/").contains("port 0"));
    EXPECT_TRUE(reason_of("http://a:65536/").contains("make no sense"));
    EXPECT_TRUE(reason_of("http:///x").contains("make no sense"));
    EXPECT_TRUE(reason_of("http://a/\r\nX: y").contains("control"));
    EXPECT_TRUE(reason_of("http://a%2fb/").contains("percent"));
    EXPECT_TRUE(reason_of("http://a/" + std::string(url_bytes_max, 'x')).contains("too long"));
}

// The examples of RFC 3986 section 5.4 that stay within http.
TEST(url, references_are_resolved) {
    const auto base = parse_url("http://a/b/c/d;p?q");
    const auto to = [&base](std::string_view reference) {
        const auto url = resolve_url(*base, reference);
        return url ? url->text() : "refused";
    };
    EXPECT_EQ(to("g"), "http://a/b/c/g");
    EXPECT_EQ(to("./g"), "http://a/b/c/g");
    EXPECT_EQ(to("g/"), "http://a/b/c/g/");
    EXPECT_EQ(to("/g"), "http://a/g");
    EXPECT_EQ(to("//g"), "http://g/");
    EXPECT_EQ(to("?y"), "http://a/b/c/d;p?y");
    EXPECT_EQ(to("g?y"), "http://a/b/c/g?y");
    EXPECT_EQ(to("#s"), "http://a/b/c/d;p?q");
    EXPECT_EQ(to(""), "http://a/b/c/d;p?q");
    EXPECT_EQ(to(".."), "http://a/b/");
    EXPECT_EQ(to("../g"), "http://a/b/g");
    EXPECT_EQ(to("../../../g"), "http://a/g");
    EXPECT_EQ(to("g;x=1/../y"), "http://a/b/c/y");
    EXPECT_EQ(to("https://h:1/x"), "https://h:1/x");
    EXPECT_EQ(to("mailto:x@y"), "refused");
    EXPECT_EQ(to("javascript:alert(1)"), "refused");
}

TEST(url, file_names_stay_in_their_folder) {
    const auto name = [](std::string_view text) { return file_name_of(*parse_url(text)); };
    EXPECT_EQ(name("http://a/b/c.txt?x=/y"), "c.txt");
    EXPECT_EQ(name("http://a/b%20c"), "b c");
    EXPECT_EQ(name("http://a/"), "");
    EXPECT_EQ(name("http://a/x/..%2f..%2fetc%2fpasswd"), "");
    EXPECT_EQ(name("http://a/x%00y"), "");
    EXPECT_EQ(name("http://a/" + std::string(256, 'x')), "");
}

}  // namespace
}  // namespace ringway::wire
