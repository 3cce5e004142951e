#include <ringway/wire/h1_request.hpp>

#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "unit/wire/h1_support.hpp"

namespace ringway::wire {
namespace {

using status = h1_request_parser::status;

constexpr std::string_view simple = "GET /4k.bin HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

TEST(h1_request, head_says_what_was_sent) {
    constexpr std::string_view text =
        "POST /a?b HTTP/1.1\r\nHost: h\r\nAccept:*/*\r\nX-Empty:\r\nContent-Length: "
        "3\r\n\r\nabcGET";
    h1_request_parser parser;
    const auto outcome = parser.parse(text);
    ASSERT_EQ(outcome.what, status::complete);
    EXPECT_EQ(text.substr(outcome.consumed), "abcGET");
    const auto& head = parser.head();
    EXPECT_EQ(head.method, method_id::post);
    EXPECT_EQ(head.method_text, "POST");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.version_minor, 1U);
    EXPECT_EQ(head.host, "h");
    EXPECT_EQ(head.content_length, 3U);
    EXPECT_FALSE(head.chunked);
    EXPECT_TRUE(head.keep_alive);
    ASSERT_EQ(head.fields.size(), 4U);
    EXPECT_EQ(head.fields[1].name, "Accept");
    EXPECT_EQ(head.fields[1].value, "*/*");
    EXPECT_EQ(head.fields[2].value, "");
    EXPECT_TRUE(parser.has_body());
}

// Goal: the views are of the buffer that the last call got, wherever earlier ones were.
TEST(h1_request, buffer_may_move_between_calls) {
    h1_request_parser parser;
    std::string first{"GET http://example.org/x HTTP/1.1\r\nHo"};
    ASSERT_EQ(parser.parse(first).what, status::need_more);
    const std::string second = first + "st: other\r\nRange: bytes=0-\r\n\r\n";
    first.assign(first.size(), '!');
    ASSERT_EQ(parser.parse(second).what, status::complete);
    const auto inside = [&second](std::string_view view) {
        return view.data() >= second.data() &&
               view.data() + view.size() <= second.data() + second.size();
    };
    const auto& head = parser.head();
    EXPECT_EQ(head.host, "example.org");
    EXPECT_TRUE(inside(head.host) && inside(head.target) && inside(head.method_text));
    for (const auto& [name, value] : head.fields) {
        EXPECT_TRUE(inside(name) && inside(value)) << name;
    }
}

TEST(h1_request, pipelined_messages_come_one_by_one) {
    std::string text{simple};
    text += "HEAD /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    text += "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    text += simple;
    h1_request_parser parser;
    std::string_view rest = text;
    std::string targets;
    while (!rest.empty()) {
        const auto outcome = parser.parse(rest);
        ASSERT_EQ(outcome.what, status::complete);
        targets += parser.head().target;
        rest.remove_prefix(outcome.consumed);
        if (parser.has_body()) {
            const auto body = parser.skip_body(rest);
            ASSERT_EQ(body.what, status::complete);
            rest.remove_prefix(body.consumed);
        }
        parser.next();
    }
    EXPECT_EQ(targets, "/4k.bin/b/c/4k.bin");
}

TEST(h1_request, known_length_is_counted_down) {
    h1_request_parser parser;
    ASSERT_EQ(parser.parse("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n").what,
              status::complete);
    EXPECT_EQ(parser.skip_body("").what, status::need_more);
    const auto first = parser.skip_body("01234");
    EXPECT_EQ(first.what, status::need_more);
    EXPECT_EQ(first.consumed, 5U);
    const auto last = parser.skip_body("56789GET");
    EXPECT_EQ(last.what, status::complete);
    EXPECT_EQ(last.consumed, 5U);
}

TEST(h1_request, length_zero_is_no_body) {
    h1_request_parser parser;
    ASSERT_EQ(parser.parse("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").what,
              status::complete);
    EXPECT_FALSE(parser.has_body());
}

TEST(h1_request, head_outlives_a_broken_body) {
    h1_request_parser parser;
    ASSERT_EQ(
        parser.parse("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").what,
        status::complete);
    const auto body = parser.skip_body("zz\r\n");
    EXPECT_EQ(body.what, status::bad);
    EXPECT_EQ(body.reject_status, 400);
    EXPECT_EQ(parser.head().target, "/x");
}

TEST(h1_request, next_starts_afresh_after_anything) {
    h1_request_parser parser;
    for (const std::string_view start :
         {"GET", "GET / HTTP/1.1\r\nHo", "\x16", "GET / HTTP/1.1\r\nA : b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        (void)parser.parse(start);
        parser.next();
        EXPECT_EQ(parser.parse(simple).what, status::complete) << start;
        EXPECT_EQ(parser.head().fields.size(), 1U);
        parser.next();
    }
}

TEST(h1_request, parser_can_be_moved) {
    h1_request_parser first;
    ASSERT_EQ(first.parse(simple.substr(0, 30)).what, status::need_more);
    h1_request_parser second{std::move(first)};
    EXPECT_EQ(second.parse(simple).what, status::complete);
    EXPECT_EQ(second.head().target, "/4k.bin");
}

TEST(h1_request_death_test, misuse_is_a_bug) {
    h1_request_parser parser;
    EXPECT_DEATH((void)parser.head(), "assertion failed");
    ASSERT_EQ(parser.parse(simple).what, status::complete);
    EXPECT_DEATH((void)parser.parse(simple), "assertion failed");
    EXPECT_DEATH((void)parser.skip_body("x"), "assertion failed");
    parser.next();
    ASSERT_EQ(parser.parse("GET /").what, status::need_more);
    EXPECT_DEATH((void)parser.parse("GET"), "assertion failed");
    EXPECT_DEATH(h1_request_parser{head_limits{.header_count_max = 1000}}, "assertion failed");
}

// Goal: how the network cuts a message makes no difference.
TEST(h1_request, random_cuts_agree_with_the_whole) {
    const std::string_view messages[] = {
        simple,
        "\r\nGET http://h/a?b=c HTTP/1.0\r\nX: 1\r\nx:2\r\n\r\nrest",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\n"
        "T: 1\r\n\r\nrest",
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345rest",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
        "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
    };
    std::mt19937 random{11};
    for (const auto message : messages) {
        const auto whole = read_whole(message);
        EXPECT_EQ(read_bytewise(message), whole) << message;
        for (int i = 0; i < 300; ++i) {
            h1_request_parser parser;
            const auto cut = read_in_pieces(parser, message, [&] { return random() % 9; });
            ASSERT_EQ(cut, whole) << message;
        }
    }
}

}  // namespace
}  // namespace ringway::wire
