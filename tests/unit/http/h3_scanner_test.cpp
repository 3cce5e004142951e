#include "http/h3_scanner.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h3_wire.hpp"

namespace ringway::http::detail {
namespace {

using test::h3::frame;
using test::h3::number;

// The frame heads in `text`, which comes in pieces of `piece` bytes.
std::vector<h3_frame_head> scan(const std::string& text, std::size_t piece, bool& between) {
    h3_scanner scanner{h3_input::request};
    std::vector<h3_frame_head> out;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        byte_view rest = as_bytes(std::string_view{text}.substr(at, piece));
        while (const auto head = scanner.next(rest)) {
            out.push_back(*head);
        }
        EXPECT_TRUE(rest.empty());
    }
    between = scanner.between_frames();
    return out;
}

TEST(h3_scanner_test, finds_frames_in_pieces_of_any_size) {
    const std::string text = frame(1, "abc") + frame(0, std::string(100, 'x')) + frame(0x21) +
                             frame(0xf0700, "yy") + frame(0x3fffffffffffffff, "z");
    const std::vector<h3_frame_head> want{
        {1, 3}, {0, 100}, {0x21, 0}, {0xf0700, 2}, {0x3fffffffffffffff, 1}};
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        bool between = false;
        EXPECT_EQ(scan(text, piece, between), want) << piece;
        EXPECT_TRUE(between);
    }
}

TEST(h3_scanner_test, knows_what_is_unfinished) {
    const std::string text = frame(0x4040, "ab");
    for (std::size_t size = 1; size < text.size(); ++size) {
        bool between = true;
        static_cast<void>(scan(text.substr(0, size), 1, between));
        EXPECT_FALSE(between) << size;
    }
}

TEST(h3_scanner_test, takes_payload) {
    h3_scanner scanner{h3_input::control};
    const std::string text = frame(4, "abcdef");
    byte_view rest = as_bytes(std::string_view{text}.substr(0, 5));
    ASSERT_TRUE(scanner.next(rest).has_value());
    EXPECT_EQ(as_text(scanner.take_payload(rest)), "abc");
    EXPECT_EQ(scanner.payload_left(), 3U);
    rest = as_bytes(std::string_view{text}.substr(5));
    EXPECT_EQ(as_text(scanner.take_payload(rest)), "def");
    EXPECT_TRUE(scanner.between_frames());
}

TEST(h3_scanner_test, reads_the_type_of_a_stream) {
    const std::vector<std::pair<std::uint64_t, h3_input>> types{{0, h3_input::control},
                                                                {1, h3_input::other},
                                                                {2, h3_input::encoder},
                                                                {3, h3_input::decoder},
                                                                {0x4321, h3_input::other}};
    for (const auto& [type, want] : types) {
        h3_scanner scanner{h3_input::untyped};
        for (const char each : number(type)) {
            EXPECT_EQ(scanner.input(), h3_input::untyped);
            byte_view rest = as_bytes(std::string_view{&each, 1});
            scanner.read_type(rest);
        }
        EXPECT_EQ(scanner.input(), want) << type;
    }
}

}  // namespace
}  // namespace ringway::http::detail
