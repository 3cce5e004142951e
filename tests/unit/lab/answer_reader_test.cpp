#include "lab/answer_reader.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

using state = answer_reader::state;

TEST(answer_reader, echo_in_pieces) {
    auto reader = answer_reader::of_echo(as_bytes("hello"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(reader.take(as_bytes("he")), state::more);
        EXPECT_EQ(reader.take(as_bytes("llo")), state::complete);
    }
    EXPECT_EQ(reader.content_bytes(), 5U);
}

TEST(answer_reader, echo_of_a_wrong_byte) {
    auto reader = answer_reader::of_echo(as_bytes("hello"));
    EXPECT_EQ(reader.take(as_bytes("hexlo")), state::wrong);
    auto longer = answer_reader::of_echo(as_bytes("hello"));
    EXPECT_EQ(longer.take(as_bytes("hellohe")), state::wrong);
}

// Every way to cut two responses in two must read the same.
TEST(answer_reader, http_cut_anywhere) {
    constexpr std::string_view one =
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-LENGTH:  7\r\nX: content-length: 9\r\n\r\n1234567";
    for (std::size_t cut = 1; cut < one.size(); ++cut) {
        auto reader = answer_reader::of_http();
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(reader.take(as_bytes(one.substr(0, cut))), state::more) << cut;
            EXPECT_EQ(reader.take(as_bytes(one.substr(cut))), state::complete) << cut;
            EXPECT_EQ(reader.content_bytes(), 7U);
        }
    }
}

TEST(answer_reader, http_that_is_wrong) {
    for (const std::string_view wrong : {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n12"}) {
        auto reader = answer_reader::of_http();
        EXPECT_EQ(reader.take(as_bytes(wrong)), state::wrong) << wrong;
    }
    auto endless = answer_reader::of_http();
    EXPECT_EQ(endless.take(as_bytes(std::string(20'000, 'x'))), state::wrong);
}

TEST(answer_reader, http_without_content) {
    auto reader = answer_reader::of_http();
    EXPECT_EQ(reader.take(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
              state::complete);
}

}  // namespace
}  // namespace ringway::lab
