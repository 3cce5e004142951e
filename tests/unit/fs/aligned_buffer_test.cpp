#include <cerrno>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

#include <ringway/fs/aligned_buffer.hpp>

namespace ringway {
namespace {

TEST(aligned_buffer, begins_and_ends_where_it_should) {
    for (const std::size_t alignment : {64U, 512U, 4096U, 65536U}) {
        for (const std::size_t size : {0U, 1U, 4096U, 100'000U}) {
            const auto made = aligned_buffer::make(size, alignment);
            ASSERT_TRUE(made.has_value());
            EXPECT_TRUE(is_aligned(made->data(), alignment));
            EXPECT_GE(made->size(), size);
            EXPECT_EQ(made->size() % alignment, 0U);
            EXPECT_EQ(made->bytes().size(), made->size());
        }
    }
}

TEST(aligned_buffer, says_when_there_is_no_memory) {
    const auto made = aligned_buffer::make(std::numeric_limits<std::size_t>::max());
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().sys, ENOMEM);
}

TEST(aligned_buffer, rounding) {
    EXPECT_EQ(align_down(4095U, 4096), 0U);
    EXPECT_EQ(align_down(4096U, 4096), 4096U);
    EXPECT_EQ(align_up(4097U, 4096), 8192U);
    EXPECT_EQ(align_up(std::uint64_t{1} << 40U, 512), std::uint64_t{1} << 40U);
    EXPECT_EQ(align_up((std::uint64_t{1} << 40U) + 1, 1), (std::uint64_t{1} << 40U) + 1);
}

}  // namespace
}  // namespace ringway
