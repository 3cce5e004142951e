#include <ringway/wire/h1_response.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

std::string head(unsigned minor, int status, std::vector<header_field> fields) {
    std::array<char, 512> out{};
    return std::string{out.data(), write_head(out, minor, status, fields)};
}

TEST(h1_response, head_has_status_line_fields_and_empty_line) {
    EXPECT_EQ(head(1, 200, {{"Content-Length", "5"}, {"ETag", "\"x\""}}),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n");
    EXPECT_EQ(head(0, 404, {}), "HTTP/1.0 404 Not Found\r\n\r\n");
}

// Goal: RFC 9112 section 4: the space stays without a reason phrase.
TEST(h1_response, unnamed_status_has_an_empty_reason) {
    EXPECT_EQ(head(1, 299, {}), "HTTP/1.1 299 \r\n\r\n");
    EXPECT_EQ(head(1, 599, {}), "HTTP/1.1 599 \r\n\r\n");
}

TEST(h1_response, empty_value_is_allowed) {
    EXPECT_EQ(head(1, 204, {{"Allow", ""}}), "HTTP/1.1 204 No Content\r\nAllow: \r\n\r\n");
}

TEST(h1_response, what_does_not_fit_is_not_written) {
    const std::array<header_field, 1> fields{{{"Content-Length", "5"}}};
    const std::string_view whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::string out(size, '#');
        EXPECT_EQ(write_head(out, 1, 200, fields), size == whole.size() ? size : 0) << size;
    }
}

TEST(h1_response, statuses_of_a_file_server_have_reasons) {
    for (const int status : {100, 200, 204, 206, 301, 304, 308, 400, 401, 403, 404, 405, 406, 408,
                             412, 413, 414, 416, 417, 421, 425, 429, 431, 500, 501, 503, 505}) {
        EXPECT_FALSE(reason_phrase(status).empty()) << status;
    }
    EXPECT_EQ(reason_phrase(416), "Range Not Satisfiable");
    EXPECT_EQ(reason_phrase(0), "");
    EXPECT_EQ(reason_phrase(999), "");
}

TEST(h1_response_death_test, split_heads_are_a_bug) {
    EXPECT_DEATH(head(1, 200, {{"Location", "/a\r\nX: 1"}}), "assertion failed");
    EXPECT_DEATH(head(1, 200, {{"Location", "/a\n"}}), "assertion failed");
    EXPECT_DEATH(head(1, 200, {{"A", std::string_view{"\0", 1}}}), "assertion failed");
    EXPECT_DEATH(head(1, 200, {{"A: b\r\nC", "d"}}), "assertion failed");
    EXPECT_DEATH(head(1, 99, {}), "assertion failed");
    EXPECT_DEATH(head(2, 200, {}), "assertion failed");
}

}  // namespace
}  // namespace ringway::wire
