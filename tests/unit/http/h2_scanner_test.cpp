#include "http/h2_scanner.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h2_client.hpp"

namespace ringway::http::detail {
namespace {

using namespace test;

std::vector<h2_frame_head> scan(const std::string& text, std::size_t piece, h2_scanner& scanner) {
    std::vector<h2_frame_head> seen;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        byte_view rest = as_bytes(std::string_view{text}.substr(at, piece));
        while (const auto head = scanner.next(rest)) {
            seen.push_back(*head);
        }
        EXPECT_TRUE(rest.empty());
    }
    return seen;
}

TEST(h2_scanner, finds_the_same_frames_in_pieces_of_any_size) {
    const std::string text = std::string{h2::preface} + h2::frame(h2::settings, 0, 0) +
                             h2::frame(h2::data, 1, 3, "content") +
                             h2::frame(h2::ping, 0, 0x80000001, "12345678");
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        h2_scanner scanner;
        const auto seen = scan(text, piece, scanner);
        ASSERT_EQ(seen.size(), 3U) << piece;
        EXPECT_EQ(seen[0], (h2_frame_head{.length = 0, .type = 4, .flags = 0, .stream = 0}));
        EXPECT_EQ(seen[1], (h2_frame_head{.length = 7, .type = 0, .flags = 1, .stream = 3}));
        EXPECT_EQ(seen[2], (h2_frame_head{.length = 8, .type = 6, .flags = 0, .stream = 1}));
        EXPECT_TRUE(scanner.between_frames());
    }
}

TEST(h2_scanner, reads_what_a_stream_depends_on) {
    const std::string text = std::string{h2::preface} +
                             h2::frame(h2::priority, 0, 3, h2::u32(0x80000007) + "x") +
                             h2::frame(h2::priority, 0, 5, "four") + h2::frame(h2::ping, 0, 0);
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        h2_scanner scanner;
        const auto seen = scan(text, piece, scanner);
        ASSERT_EQ(seen.size(), 3U) << piece;
        EXPECT_EQ(seen[0], (h2_frame_head{.length = 5, .type = 2, .stream = 3, .depends_on = 7}));
        EXPECT_EQ(seen[1], (h2_frame_head{.length = 4, .type = 2, .stream = 5}));
        EXPECT_EQ(seen[2].type, 6);
        EXPECT_TRUE(scanner.between_frames());
    }
}

TEST(h2_scanner, knows_what_is_unfinished) {
    h2_scanner scanner;
    EXPECT_FALSE(scanner.between_frames());
    EXPECT_TRUE(scan(std::string{h2::preface}, 24, scanner).empty());
    EXPECT_TRUE(scanner.between_frames());
    const std::string frame = h2::frame(h2::headers, h2::end_stream, 1, "block");
    EXPECT_EQ(scan(frame.substr(0, 12), 12, scanner).size(), 1U);
    EXPECT_FALSE(scanner.between_frames());
    EXPECT_TRUE(scan(frame.substr(12), 100, scanner).empty());
    EXPECT_TRUE(scanner.between_frames());
    EXPECT_TRUE(scanner.in_block());
    EXPECT_EQ(scan(h2::frame(h2::continuation, h2::end_headers, 1), 100, scanner).size(), 1U);
    EXPECT_FALSE(scanner.in_block());
}

}  // namespace
}  // namespace ringway::http::detail
