#include <ringway/xdp/umem.hpp>

#include <set>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

TEST(umem, refuses_what_the_kernel_would) {
    EXPECT_FALSE(umem::make({.frames = 1000}).has_value());
    EXPECT_FALSE(umem::make({.frame_bytes = 8192}).has_value());
    EXPECT_FALSE(umem::make({.metadata_bytes = 20}).has_value());
}

TEST(umem, lends_each_frame_once_and_takes_any_address_in_it_back) {
    const auto memory = *umem::make({.frames = 16, .frame_bytes = 2048});
    std::set<std::uint64_t> seen;
    while (memory->free_frames() > 0) {
        const std::uint64_t address = memory->take();
        EXPECT_EQ(address % 2048, 0U);
        EXPECT_LT(address, memory->bytes());
        EXPECT_TRUE(seen.insert(address).second);
    }
    EXPECT_EQ(seen.size(), 16U);
    memory->give(5 * 2048 + 256);
    EXPECT_EQ(memory->take(), 5U * 2048);
    for (const std::uint64_t each : seen) {
        memory->give(each);
    }
}

TEST(umem, has_unaligned_frames_of_any_size) {
    EXPECT_FALSE(umem::make({.frame_bytes = 2304}).has_value());
    EXPECT_FALSE(umem::make({.frame_bytes = 2300, .unaligned = true}).has_value());
    const auto memory = *umem::make({.frames = 16, .frame_bytes = 2304, .unaligned = true});
    while (memory->free_frames() > 0) {
        EXPECT_EQ(memory->take() % 2304, 0U);
    }
    memory->give(5 * 2304 + 2303);
    EXPECT_EQ(memory->take(), 5U * 2304);
}

TEST(packet_batch, gives_its_frames_back) {
    const auto memory = *umem::make({.frames = 128, .metadata_bytes = 24});
    {
        packet_batch batch{*memory};
        while (batch.room() > 0) {
            packet* const one = batch.add();
            ASSERT_NE(one, nullptr);
            EXPECT_EQ(one->length, 4096U - 24);
            EXPECT_EQ(one->address % 4096, 24U);
            one->bytes().back() = std::byte{1};
        }
        EXPECT_EQ(batch.add(), nullptr);
        EXPECT_EQ(memory->free_frames(), 64U);
    }
    EXPECT_EQ(memory->free_frames(), 128U);
}

TEST(packet_batch, ends_where_the_frames_do) {
    const auto memory = *umem::make({.frames = 4});
    packet_batch batch{*memory};
    for (int i = 0; i < 4; ++i) {
        EXPECT_NE(batch.add(), nullptr);
    }
    EXPECT_EQ(batch.add(), nullptr);
    batch.release();
    EXPECT_EQ(memory->free_frames(), 4U);
}

}  // namespace
}  // namespace ringway::xdp
