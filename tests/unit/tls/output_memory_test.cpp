#include "tls/output_memory.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace ringway::tls {
namespace {

TEST(output_memory, a_block_is_used_again) {
    output_block block = output_block::take();
    ASSERT_TRUE(static_cast<bool>(block));
    std::byte* const first = block.data();
    std::memset(first, 1, output_block_bytes);
    block.release();
    EXPECT_FALSE(static_cast<bool>(block));
    const output_block again = output_block::take();
    EXPECT_EQ(again.data(), first);
}

TEST(output_memory, blocks_are_apart_and_move) {
    std::vector<output_block> blocks;
    for (int i = 0; i < 100; ++i) {  // More than are kept.
        blocks.push_back(output_block::take());
        *blocks.back().data() = static_cast<std::byte>(i);
    }
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(*blocks[static_cast<std::size_t>(i)].data(), static_cast<std::byte>(i));
    }
    const output_block moved = std::move(blocks.front());
    EXPECT_EQ(*moved.data(), std::byte{0});
}

}  // namespace
}  // namespace ringway::tls
