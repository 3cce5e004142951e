#include "xdp/pcapng.hpp"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

std::uint32_t number_at(const std::string& text, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, text.data() + at, sizeof(value));
    return value;
}

// Goal: blocks follow each other without a gap, aligned, their length in front and behind.
TEST(pcapng, is_made_of_blocks) {
    std::string file = pcapng_head("ringway", "eth0", "udp and port 53", 9216);
    for (const char* const bytes : {"a", "abcd", "abcdefg"}) {
        append_packet(file, as_bytes(bytes), 100, std::chrono::nanoseconds{0x1'0000'0002}, {});
    }
    append_statistics(file, 3, 1, std::chrono::seconds{1});
    std::string types;
    for (std::size_t at = 0; at < file.size();) {
        const std::uint32_t length = number_at(file, at + 4);
        ASSERT_EQ(length % 4, 0U);
        ASSERT_LE(at + length, file.size());
        EXPECT_EQ(number_at(file, at + length - 4), length);
        types += std::to_string(number_at(file, at)) + ' ';
        at += length;
    }
    EXPECT_EQ(types, "168627466 1 6 6 6 5 ");
}

// Goal: of a file that could not be written on, what is there can be read.
TEST(pcapng, finds_what_is_whole_of_what_was_written) {
    std::string blocks = pcapng_head("ringway", "eth0", "", 9216);
    const std::size_t head = blocks.size();
    append_packet(blocks, as_bytes("abcd"), 100, {}, {});
    const std::size_t first = blocks.size();
    append_packet(blocks, as_bytes("abcdefg"), 1000, {}, {});

    for (std::size_t written = 0; written <= blocks.size(); ++written) {
        const auto found = whole_blocks(blocks, written);
        ASSERT_LE(found.bytes, written);
        ASSERT_EQ(found.packets_behind,
                  (written < first ? 1U : 0U) + (written < blocks.size() ? 1U : 0U));
        ASSERT_EQ(found.bytes_behind,
                  (written < first ? 100U : 0U) + (written < blocks.size() ? 1000U : 0U));
        if (written >= head) {
            ASSERT_EQ(found.bytes, written == blocks.size() ? blocks.size()
                                   : written >= first       ? first
                                                            : head);
        }
    }
}

TEST(pcapng, says_which_way_a_packet_went) {
    for (const bool is_sent : {false, true}) {
        std::string file;
        append_packet(file, as_bytes("abcd"), 4, {}, {.is_sent = is_sent, .comment = {}});
        EXPECT_EQ(number_at(file, 32), 0x0004'0002U) << "epb_flags";
        EXPECT_EQ(number_at(file, 36), is_sent ? 2U : 1U);
        EXPECT_EQ(number_at(file, 40), 0U) << "the end of the options";
    }
}

TEST(pcapng, keeps_the_time_and_both_lengths) {
    std::string file;
    append_packet(file, as_bytes("abcde"), 1500, std::chrono::nanoseconds{0x1'0000'0002},
                  {.is_sent = true, .comment = {}});
    EXPECT_EQ(number_at(file, 12), 1U);
    EXPECT_EQ(number_at(file, 16), 2U);
    EXPECT_EQ(number_at(file, 20), 5U);
    EXPECT_EQ(number_at(file, 24), 1500U);
    EXPECT_EQ(file.substr(28, 8), std::string("abcde\0\0\0", 8));
}

// Goal: times of two clocks are told apart, and a comment is where readers look for it.
TEST(pcapng, keeps_clocks_apart) {
    std::string file = pcapng_head("ringway", "eth0", "", 9216, true);
    EXPECT_NE(file.find("clock of the system"), std::string::npos);
    EXPECT_LT(file.find("clock of the system"), file.find("clock of the card"));
    std::string types;
    for (std::size_t at = 0; at < file.size(); at += number_at(file, at + 4)) {
        types += std::to_string(number_at(file, at)) + ' ';
    }
    EXPECT_EQ(types, "168627466 1 1 ");
    file.clear();
    append_packet(file, as_bytes("abcd"), 4, {}, {.by_card_clock = true, .comment = "hash"});
    EXPECT_EQ(number_at(file, 8), 1U) << "the interface";
    EXPECT_EQ(number_at(file, 32), 0x0004'0001U) << "opt_comment";
    EXPECT_EQ(file.substr(36, 4), "hash");
}

}  // namespace
}  // namespace ringway::xdp
