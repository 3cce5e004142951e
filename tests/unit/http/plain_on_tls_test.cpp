#include <ringway/http/plain_on_tls.hpp>

#include <string>

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

TEST(plain_on_tls, tells_http_from_tls) {
    for (const std::string_view plain : {"GET / HTTP/1.1\r\n", "g", "PRI * HTTP/2.0\r\n"}) {
        EXPECT_TRUE(begins_like_http(as_bytes(plain))) << plain;
    }
    // A ClientHello, an alert, an SSL 2.0 hello, an empty line, nothing.
    for (const std::string_view other :
         {"\x16\x03\x01", "\x15\x03\x03", "\x80\x2e\x01", "\r\n", ""}) {
        EXPECT_FALSE(begins_like_http(as_bytes(other))) << other;
    }
}

TEST(plain_on_tls, response_is_whole) {
    const std::string text = plain_on_tls_response("Sun, 01 Jan 2023 00:00:00 GMT");
    const auto head_end = text.find("\r\n\r\n");
    ASSERT_NE(head_end, std::string::npos);
    const auto body = text.substr(head_end + 4);

    EXPECT_TRUE(text.starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(text.contains("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
    EXPECT_TRUE(text.contains("\r\nDate: Sun, 01 Jan 2023 00:00:00 GMT\r\n"));
    EXPECT_TRUE(text.contains("\r\nConnection: close\r\n"));
    EXPECT_TRUE(body.contains("https://"));
}

}  // namespace
}  // namespace ringway::http
