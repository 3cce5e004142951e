#include <ringway/wire/h1_answer.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

using status = h1_answer_parser::status;

struct read_answer {
    status what = status::need_more;
    std::string reason;
    int code = 0;
    std::string body;
    bool body_ended = false;
    bool may_end = false;
    std::size_t rest = 0;  // Behind the body.
};

// Reads `text` in pieces of `step` bytes.
read_answer read(std::string_view text, std::size_t step = SIZE_MAX, bool to_head = false) {
    h1_answer_parser parser;
    read_answer out;
    std::size_t head_size = 0;
    std::string buffer;
    while (buffer.size() < text.size() && out.what == status::need_more) {
        buffer = text.substr(0, std::min(text.size() - buffer.size(), step) + buffer.size());
        const auto done = parser.parse(buffer, to_head);
        out.what = done.what;
        out.reason = done.reason;
        head_size = done.consumed;
    }
    if (out.what != status::complete) {
        return out;
    }
    out.code = parser.head().status;
    out.body_ended = !parser.has_body();
    std::string rest{text.substr(head_size)};
    while (!rest.empty() && !out.body_ended) {
        std::string piece = rest.substr(0, std::min(step, rest.size()));
        const auto done = parser.read_body(piece);
        if (done.what == status::bad) {
            out.what = status::bad;
            out.reason = done.reason;
            return out;
        }
        out.body += piece.substr(0, done.content);
        out.body_ended = done.what == status::complete;
        rest.erase(0, done.consumed);
    }
    out.may_end = parser.may_end_here();
    out.rest = rest.size();
    return out;
}

// The same however it is cut.
void expect(std::string_view text, status what, std::string_view body = {}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, text.size()}) {
        const auto got = read(text, step);
        EXPECT_EQ(got.what, what) << text << " by " << step << ": " << got.reason;
        EXPECT_EQ(got.body, body) << text << " by " << step;
    }
}

TEST(h1_answer, body_of_a_known_length) {
    expect("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status::complete, "hello");
    EXPECT_TRUE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").body_ended);
    const auto cut = read("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello");
    EXPECT_FALSE(cut.body_ended);
    EXPECT_FALSE(cut.may_end);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello").rest, 2U);
}

TEST(h1_answer, chunks_are_put_together) {
    expect(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=\"y\"\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n",
        status::complete, "hello");
    const auto cut =
        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
    EXPECT_FALSE(cut.body_ended);
    EXPECT_FALSE(cut.may_end);
}

TEST(h1_answer, body_up_to_the_end_of_the_connection) {
    const auto got = read("HTTP/1.1 200 OK\r\n\r\nall that comes");
    EXPECT_EQ(got.body, "all that comes");
    EXPECT_FALSE(got.body_ended);
    EXPECT_TRUE(got.may_end);
}

TEST(h1_answer, answers_without_a_body) {
    for (const std::string_view line : {"204 No Content", "304 Not Modified"}) {
        const auto got = read("HTTP/1.1 " + std::string{line} + "\r\nContent-Length: 5\r\n\r\n");
        EXPECT_TRUE(got.body_ended) << line;
    }
    EXPECT_TRUE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", SIZE_MAX, true).body_ended);
    EXPECT_TRUE(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").body_ended);
}

TEST(h1_answer, fields_and_reason) {
    h1_answer_parser parser;
    const std::string text = "HTTP/1.0 404 Not  there\r\nA: 1 \r\nb:\t2\r\n\r\n";
    ASSERT_EQ(parser.parse(text, false).what, status::complete);
    const auto& head = parser.head();
    EXPECT_EQ(head.status, 404);
    EXPECT_EQ(head.reason, "Not  there");
    EXPECT_EQ(head.version_minor, 0U);
    EXPECT_FALSE(head.keep_alive);
    ASSERT_EQ(head.fields.size(), 2U);
    EXPECT_EQ(head.fields[0].value, "1");
    EXPECT_EQ(head.fields[1].name, "b");
    EXPECT_EQ(head.fields[1].value, "2");
    expect("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status::complete);  // Many leave it out.
}

TEST(h1_answer, connections_that_stay) {
    const auto stays = [](std::string_view text) {
        h1_answer_parser parser;
        EXPECT_EQ(parser.parse(text, false).what, status::complete) << text;
        return parser.head().keep_alive;
    };
    EXPECT_TRUE(stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_FALSE(stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"));
    EXPECT_FALSE(stays("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_TRUE(stays("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_FALSE(stays("HTTP/1.1 200 OK\r\n\r\n"));  // The end of it is the end of the body.
}

TEST(h1_answer, interim_heads_and_the_next_answer) {
    h1_answer_parser parser;
    const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    ASSERT_EQ(parser.parse(early, false).consumed, early.size());
    EXPECT_TRUE(parser.head().is_interim());
    EXPECT_FALSE(parser.has_body());
    parser.next();
    EXPECT_EQ(parser.parse("HTTP/1.1 200 OK\r\n\r\n", false).what, status::complete);
    EXPECT_TRUE(parser.head().fields.empty());
}

// Goal: no answer can be read as two, or two as one.
TEST(h1_answer, ambiguous_answers_are_refused) {
    for (const std::string_view text : {
             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
             "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
             "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
             "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
             "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
             "HTTP/1.1 099 OK\r\n\r\n",
             "HTTP/1.1 600 OK\r\n\r\n",
             "HTTP/1.1 2x0 OK\r\n\r\n",
             "HTTP/1.1 2000 OK\r\n\r\n",
             "HTTP/2.0 200 OK\r\n\r\n",
             "HTTP/1.1 101 Switching\r\n\r\n",
             "ICY 200 OK\r\n\r\n",
             "hello",
         }) {
        const auto got = read(text);
        EXPECT_EQ(got.what, status::bad) << text;
        EXPECT_FALSE(got.reason.empty()) << text;
    }
    for (const std::string_view body :
         {"x\r\n", "5 \r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloo\r\n", "11111111111111111\r\n"}) {
        EXPECT_EQ(
            read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body}).what,
            status::bad)
            << body;
    }
}

TEST(h1_answer, heads_have_limits) {
    const std::string line(40'000, 'x');
    EXPECT_EQ(read("HTTP/1.1 200 " + line).what, status::bad);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nX: " + line + "\r\n\r\n").what, status::bad);
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 200; ++i) {
        many += "X: y\r\n";
    }
    EXPECT_EQ(read(many + "\r\n").what, status::bad);
}

}  // namespace
}  // namespace ringway::wire
