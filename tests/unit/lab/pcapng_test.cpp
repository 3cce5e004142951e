#include "lab/pcapng.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "support/made_packet.hpp"
#include "support/run_on_shard.hpp"
#include "support/temporary_site.hpp"

namespace ringway::lab {
namespace {

std::uint32_t word_at(const std::string& bytes, std::size_t at) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

// Reads the file as a reader does: block after block, each with its length in front and behind.
TEST(pcapng, blocks_follow_each_other) {
    const test::scratch_directory place;
    const auto path = place.at("trace.pcapng");
    auto writer = pcapng_writer::create(path);
    ASSERT_TRUE(writer.has_value());
    const auto odd = test::made_packet({.payload_bytes = 101});
    constexpr std::uint64_t moment = 1'700'000'000'123'456'789;
    writer->write(0, moment, true, odd);
    writer->write(1, moment + 1, false, odd);
    ASSERT_TRUE(writer->close().has_value());

    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    std::vector<std::uint32_t> types;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = word_at(bytes, at + 4);
        ASSERT_EQ(length % 4, 0U);
        ASSERT_LE(at + length, bytes.size());
        EXPECT_EQ(word_at(bytes, at + length - 4), length);
        types.push_back(word_at(bytes, at));
        if (types.back() == 6) {
            const auto index = word_at(bytes, at + 8);
            EXPECT_EQ((std::uint64_t{word_at(bytes, at + 12)} << 32U) + word_at(bytes, at + 16),
                      moment + index);
            EXPECT_EQ(word_at(bytes, at + 20), odd.size());
            EXPECT_EQ(std::memcmp(bytes.data() + at + 28, odd.data(), odd.size()), 0);
        }
        at += length;
    }
    EXPECT_EQ(types, (std::vector<std::uint32_t>{0x0a0d0d0a, 1, 1, 6, 6}));
}

TEST(pcapng, failures_are_told) {
    EXPECT_FALSE(pcapng_writer::create("/nonexistent/trace").has_value());
    auto full = pcapng_writer::create("/dev/full");
    ASSERT_TRUE(full.has_value());
    EXPECT_FALSE(full->close().has_value());
}

}  // namespace
}  // namespace ringway::lab
