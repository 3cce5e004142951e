#include <cstdint>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "lab/files_target.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::lab {
namespace {

constexpr std::uint64_t megabytes = 1 << 20;

TEST(files_target, is_there_while_it_lives) {
    const test::scratch_directory scratch;
    std::string path;
    {
        const auto made = files_target::make(scratch.path(), 3 * megabytes, 1);
        ASSERT_TRUE(made.has_value()) << made.error();
        path = made->path();
        EXPECT_EQ(std::filesystem::file_size(path), 3 * megabytes);
        EXPECT_TRUE(made->make_warm().has_value());
        EXPECT_GE(made->resident_share(), 0.99);
        if (const auto cold = made->make_cold(); cold) {
            EXPECT_LE(made->resident_share(), 0.01);
        } else {
            EXPECT_TRUE(cold.error().contains("--dir")) << cold.error();
        }
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(files_target::make("/proc/nowhere", megabytes, 1).has_value());
}

TEST(block_order, in_order_and_again) {
    block_order order{4 * 4096 + 100, 4096, false, 7};
    EXPECT_EQ(order.blocks(), 4U);
    for (const std::uint64_t expected : {0U, 4096U, 8192U, 12288U}) {
        EXPECT_EQ(order.next(true), expected);
    }
    EXPECT_FALSE(order.next(true).has_value());
    EXPECT_EQ(order.next(false), 0U);
}

// Goal: a cold file is never met twice, and all of it is met.
TEST(block_order, at_random_each_comes_once) {
    for (const std::uint64_t blocks : {1U, 2U, 3U, 64U, 1000U, 65'536U}) {
        block_order order{blocks * 4096, 4096, true, 12'345};
        std::set<std::uint64_t> seen;
        std::uint64_t jumps = 0;
        std::uint64_t before = 0;
        while (const auto offset = order.next(true)) {
            EXPECT_EQ(*offset % 4096, 0U);
            EXPECT_LT(*offset, blocks * 4096);
            EXPECT_TRUE(seen.insert(*offset).second);
            jumps += *offset != before + 4096 ? 1 : 0;
            before = *offset;
        }
        EXPECT_EQ(seen.size(), order.blocks());
        EXPECT_GE(jumps, order.blocks() / 2);
    }
    EXPECT_NE(block_order(1 << 20, 4096, true, 1).next(true),
              block_order(1 << 20, 4096, true, 2).next(true));
}

TEST(block_order, shares_have_nothing_in_common) {
    for (const bool random : {false, true}) {
        std::set<std::uint64_t> seen;
        for (unsigned share = 0; share < 5; ++share) {
            block_order order{64 * 4096, 4096, random, 3};
            order.take_share(share, 5);
            while (const auto offset = order.next(true)) {
                EXPECT_TRUE(seen.insert(*offset).second);
            }
            EXPECT_TRUE(order.next(false).has_value());
        }
        EXPECT_EQ(seen.size(), 64U);
    }
}

}  // namespace
}  // namespace ringway::lab
