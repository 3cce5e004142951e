#include "wire/h1_request_line.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

using namespace std::string_literals;

// What a reader says of `line`, given byte by byte: the status, and after how many bytes.
struct verdict {
    int status = 0;
    std::size_t bytes = 0;
    bool complete = false;

    friend bool operator==(const verdict&, const verdict&) = default;
};

verdict read(std::string_view line, const head_limits& limits = {}) {
    request_line_reader reader;
    for (std::size_t size = 1; size <= line.size(); ++size) {
        const auto refused = reader.feed(line.substr(0, size), limits);
        if (refused || reader.complete()) {
            return {refused.status, size, reader.complete()};
        }
    }
    return {0, line.size(), false};
}

TEST(h1_request_line, parts_are_found) {
    constexpr std::string_view message = "\r\nOPTIONS http://h:1/x?y HTTP/1.0\r\nrest";
    request_line_reader reader;
    ASSERT_FALSE(reader.feed(message, {}));
    ASSERT_TRUE(reader.complete());
    EXPECT_EQ(message.substr(reader.end()), "rest");
    EXPECT_EQ(reader.version_minor(), 0U);
    request_head head;
    reader.describe(message, head);
    EXPECT_EQ(head.method, method_id::options);
    EXPECT_EQ(head.method_text, "OPTIONS");
    EXPECT_EQ(head.target, "http://h:1/x?y");
    EXPECT_EQ(head.host, "h:1");
    EXPECT_EQ(head.version_minor, 0U);
}

// Goal: a wrong byte is known when it is there, not when the line or the head ends.
TEST(h1_request_line, is_refused_at_the_first_wrong_byte) {
    EXPECT_EQ(read("\x16\x03\x01"), (verdict{400, 1, false}));
    EXPECT_EQ(read(" GET / HTTP/1.1"), (verdict{400, 1, false}));
    EXPECT_EQ(read("G\xc3T / HTTP/1.1"), (verdict{400, 2, false}));
    EXPECT_EQ(read("GET  / HTTP/1.1"), (verdict{400, 5, false}));
    EXPECT_EQ(read("GET /\r\n"), (verdict{400, 6, false}));
    EXPECT_EQ(read("GET /a\tb"), (verdict{400, 7, false}));
    EXPECT_EQ(read("GET / http/1.1"), (verdict{400, 7, false}));
    EXPECT_EQ(read("GET / HTTP/2.0"), (verdict{505, 14, false}));
    EXPECT_EQ(read("GET x HTTP/1.1"), (verdict{400, 14, false}));
    EXPECT_EQ(read("GET / HTTP/1.1 \r\n"), (verdict{400, 15, false}));
    EXPECT_EQ(read("GET / HTTP/1.1\n"), (verdict{400, 15, false}));
    EXPECT_EQ(read("GET / HTTP/1.1\r\r\n"), (verdict{400, 16, false}));
    EXPECT_EQ(read("GET / HTTP/1.1\r\n"), (verdict{0, 16, true}));
}

TEST(h1_request_line, one_empty_line_is_passed_over) {
    EXPECT_EQ(read("\r\nGET / HTTP/1.1\r\n"), (verdict{0, 18, true}));
    EXPECT_EQ(read("\r\n\r\nGET / HTTP/1.1\r\n"), (verdict{400, 3, false}));
    EXPECT_EQ(read("\nGET / HTTP/1.1\r\n"), (verdict{400, 1, false}));
    EXPECT_EQ(read("\rGET / HTTP/1.1\r\n"), (verdict{400, 2, false}));
}

TEST(h1_request_line, target_has_a_limit) {
    const head_limits limits{.target_bytes_max = 10};
    EXPECT_EQ(read("GET /123456789 HTTP/1.1\r\n", limits), (verdict{0, 25, true}));
    EXPECT_EQ(read("GET /1234567890 HTTP/1.1\r\n", limits), (verdict{414, 15, false}));
}

TEST(h1_request_line, whole_line_has_a_limit) {
    const head_limits limits{.line_bytes_max = 256};
    const auto line = [](std::size_t bytes) {
        return "GET /"s + std::string(bytes - 14, 'x') + " HTTP/1.1\r\n";
    };
    EXPECT_EQ(read(line(256), limits), (verdict{0, 258, true}));
    EXPECT_EQ(read(line(257), limits).status, 414);
}

// Goal: 501 while the method is still growing; the connection need not send the rest.
TEST(h1_request_line, endless_method_is_not_implemented) {
    EXPECT_EQ(read(std::string(32, 'M') + " / HTTP/1.1\r\n").status, 0);
    EXPECT_EQ(read(std::string(1000, 'M')), (verdict{501, 33, false}));
}

}  // namespace
}  // namespace ringway::wire::detail
