#include "wire/h1_chunks.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

struct skipping {
    int status = 0;
    bool complete = false;
    std::size_t consumed = 0;

    friend bool operator==(const skipping&, const skipping&) = default;
};

skipping skip(std::string_view body, std::size_t piece, const head_limits& limits) {
    chunk_skipper skipper;
    skipper.reset();
    chunk_skipper::outcome outcome;
    std::size_t at = 0;
    while (at < body.size() && !outcome.refused && !outcome.complete) {
        const std::string moved{body.substr(at, piece)};
        outcome = skipper.feed(moved, limits);
        at += outcome.consumed;
    }
    return {outcome.refused.status, outcome.complete, outcome.refused ? 0 : at};
}

skipping skip(std::string_view body, const head_limits& limits = {}) {
    const auto whole = skip(body, body.size(), limits);
    EXPECT_EQ(skip(body, 1, limits), whole) << body;
    EXPECT_EQ(skip(body, 2, limits), whole) << body;
    return whole;
}

void expect_complete(std::string_view body) {
    const auto next = std::string{body} + "GET / HTTP/1.1\r\n";
    EXPECT_EQ(skip(next), (skipping{0, true, body.size()})) << body;
}

TEST(h1_chunks, well_formed_bodies_end_where_they_end) {
    expect_complete("0\r\n\r\n");
    expect_complete("5\r\nhello\r\n0\r\n\r\n");
    expect_complete("5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n");
    expect_complete("a\r\n0123456789\r\nA\r\n\r\n0\r\n\r\n\r\nx\r\n0\r\n\r\n");
    expect_complete("0000000000000001\r\nx\r\n0\r\n\r\n");
}

TEST(h1_chunks, extensions_are_passed_over) {
    expect_complete("1;a\r\nx\r\n0;b=c\r\n\r\n");
    expect_complete("1;a=\"q;\\\"\tz\";b\r\nx\r\n0\r\n\r\n");
    expect_complete("1; a = b ; c\r\nx\r\n0\r\n\r\n");
    expect_complete("1;a=\"\"\r\nx\r\n0\r\n\r\n");
}

TEST(h1_chunks, trailers_are_checked_and_passed_over) {
    expect_complete("0\r\nX: 1\r\nY: 2\r\n\r\n");
    EXPECT_EQ(skip("0\r\nX : 1\r\n\r\n").status, 400);
    EXPECT_EQ(skip("0\r\n X: 1\r\n\r\n").status, 400);
    EXPECT_EQ(skip("0\r\nX: 1\r\n y\r\n\r\n").status, 400);
    EXPECT_EQ(skip("0\r\nX: 1\n\r\n").status, 400);
    EXPECT_EQ(skip("0\r\nX: \x01\r\n\r\n").status, 400);
    EXPECT_EQ(skip("0\r\nA: 1\r\nB: 2\r\n\r\n", {.header_count_max = 1}).status, 431);
    EXPECT_EQ(skip("0\r\nA: 1\r\nB: 2\r\n\r\n", {.header_bytes_max = 10}).status, 431);
}

TEST(h1_chunks, size_is_up_to_sixteen_hex_digits) {
    EXPECT_EQ(skip("ffffffffffffffff\r\n").status, 0);
    for (const std::string_view size :
         {"00000000000000001", "fffffffffffffffff", "", "g", "-1", "+1", "0x1", " 1", "1 ", "1\t",
          "1_0", "1.", ";a", "\xd9\xa1"}) {
        EXPECT_EQ(skip(std::string{size} + "\r\nx\r\n0\r\n\r\n").status, 400) << size;
    }
}

TEST(h1_chunks, line_ends_are_crlf) {
    for (const std::string_view body :
         {"1\nx\r\n0\r\n\r\n", "1\rx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "1\r\nx\r0\r\n\r\n",
          "1\r\nx0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n", "0\n\n", "0\r\n\n", "0\r\n\rX", "1\r\r\nx",
          "1\r\nx\r\n\r\n0\r\n\r\n", "1;a\nx", "1;a=\"\n\"\r\n"}) {
        EXPECT_EQ(skip(body).status, 400) << testing::PrintToString(body);
    }
}

TEST(h1_chunks, malformed_extensions_are_refused) {
    for (const std::string_view extension :
         {";", "; ", ";;a", ";=a", ";a=", ";a= ", ";a=\"", ";a=\"b\"c", ";a b", ";a=b c", ";a\x01",
          ";a=\"\x7f\"", ";\xc3\xa9", " ;a", ";a=b=c", ";a,b"}) {
        EXPECT_EQ(skip("1" + std::string{extension} + "\r\nx\r\n0\r\n\r\n").status, 400)
            << extension;
    }
}

TEST(h1_chunks, extensions_are_limited_for_the_message) {
    std::string body;
    for (int i = 0; i < 600; ++i) {
        body += "1;a\r\nx\r\n";
    }
    EXPECT_EQ(skip(body).status, 400);
    EXPECT_EQ(skip("1;" + std::string(1024, 'a') + "\r\n").status, 400);
    EXPECT_EQ(skip("1;" + std::string(1023, 'a') + "\r\nx\r\n0\r\n\r\n").complete, true);
}

TEST(h1_chunks, skipper_can_be_used_again) {
    chunk_skipper skipper;
    skipper.reset();
    EXPECT_TRUE(skipper.feed("1;", {}).consumed == 2);
    skipper.reset();
    EXPECT_TRUE(skipper.feed("0\r\n\r\n", {}).complete);
    skipper.reset();
    EXPECT_TRUE(skipper.feed("2\r\nab\r\n0\r\n\r\n", {}).complete);
}

}  // namespace
}  // namespace ringway::wire::detail
