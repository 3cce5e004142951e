#include "copy/pieces.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"
#include "support/simulation.hpp"

namespace ringway {
namespace {

constexpr std::uint64_t kib = 1024;

unique_fd opened(const std::string& path) {
    return unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
}

TEST(piece_source, cuts_at_multiples_of_the_piece) {
    const test::scratch_directory directory;
    directory.write("file", std::string(100, 'x'));
    const unique_fd file = opened(directory.at("file"));
    piece_source pieces{file.get(), {10, 85}, 40, false};

    const std::uint64_t expected[][2] = {{10, 30}, {40, 40}, {80, 15}, {95, 0}};
    for (const auto& [offset, length] : expected) {
        const auto piece = pieces.next();
        ASSERT_TRUE(piece.has_value());
        EXPECT_EQ(piece->length, length);
        if (length > 0) {
            EXPECT_EQ(piece->offset, offset);
        }
    }
}

// Goal: every byte of data is handed out once, whatever the holes.
TEST(piece_source, hands_out_all_data_and_counts_the_holes) {
    const test::scratch_directory directory;
    for (const std::uint64_t seed : test::seeds(50)) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::uint64_t size = 1 + seed * 61'043 % (4096 * kib);
        test::make_sparse(directory.at("file"), size, seed);
        const unique_fd file = opened(directory.at("file"));
        const std::uint64_t begin = size / 3;
        piece_source pieces{file.get(), {begin, size - begin}, 256 * kib, true};
        std::string whole(size, '\0');
        std::uint64_t handed_out = 0;
        for (std::uint64_t after = begin;;) {
            const auto piece = pieces.next();
            ASSERT_TRUE(piece.has_value());
            if (piece->length == 0) {
                break;
            }
            ASSERT_GE(piece->offset, after);
            ASSERT_LE(piece->length, 256 * kib);
            after = piece->offset + piece->length;
            handed_out += piece->length;
            ASSERT_EQ(::pread(file.get(), whole.data() + piece->offset, piece->length,
                              static_cast<off_t>(piece->offset)),
                      static_cast<ssize_t>(piece->length));
        }
        std::string real(size, '\0');
        ASSERT_EQ(::pread(file.get(), real.data(), size, 0), static_cast<ssize_t>(size));
        EXPECT_EQ(whole.substr(begin), real.substr(begin));
        EXPECT_EQ(handed_out + pieces.skipped(), size - begin);
    }
}

TEST(piece_source, hands_out_nothing_after_the_end) {
    const test::scratch_directory directory;
    directory.write("file", std::string(100, 'x'));
    const unique_fd file = opened(directory.at("file"));
    piece_source pieces{file.get(), {0, 100}, 10, false};
    ASSERT_EQ(pieces.next()->length, 10U);

    pieces.end();

    EXPECT_EQ(pieces.next()->length, 0U);
}

}  // namespace
}  // namespace ringway
