#include "xdp/shared_ring.hpp"

#include <array>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

// A ring in ordinary memory, whose numbers start where one likes.
struct fake_ring {
    explicit fake_ring(std::uint32_t start) : producer{start}, consumer{start} {}
    [[nodiscard]] ring_parts parts() { return {&producer, &consumer, &flags, entries.data(), 8}; }
    std::uint32_t producer;
    std::uint32_t consumer;
    std::uint32_t flags = 0;
    std::array<std::uint64_t, 8> entries{};
};

constexpr std::uint32_t just_before_wrap = 0xffff'fffd;

TEST(shared_ring, has_room_for_its_size_and_no_more) {
    fake_ring memory{just_before_wrap};
    producer_ring<std::uint64_t> ring{memory.parts()};
    EXPECT_EQ(ring.room(100), 8U);
    for (std::uint64_t i = 0; i < 8; ++i) {
        ring.push(i);
    }
    EXPECT_EQ(ring.room(1), 0U);
    EXPECT_EQ(memory.producer, just_before_wrap) << "seen before it was published";
    ring.publish();
    EXPECT_EQ(memory.producer, just_before_wrap + 8);
    EXPECT_EQ(ring.pending(), 8U);
    memory.consumer += 3;
    EXPECT_EQ(ring.room(100), 3U);
    EXPECT_EQ(ring.pending(), 5U);
}

TEST(shared_ring, tells_when_the_kernel_wants_to_be_woken) {
    fake_ring memory{0};
    const producer_ring<std::uint64_t> ring{memory.parts()};
    EXPECT_FALSE(ring.needs_wakeup());
    memory.flags = 1;
    EXPECT_TRUE(ring.needs_wakeup());
}

TEST(shared_ring, gives_nothing_before_it_is_there) {
    fake_ring memory{just_before_wrap};
    consumer_ring<std::uint64_t> ring{memory.parts()};
    EXPECT_EQ(ring.available(4), 0U);
    memory.producer += 2;
    EXPECT_EQ(ring.available(4), 2U);
    (void)ring.pop();
    EXPECT_EQ(memory.consumer, just_before_wrap) << "given back before it was read";
    ring.release();
    EXPECT_EQ(memory.consumer, just_before_wrap + 1);
}

// Goal: whatever both sides do, in whatever steps, entries come out as they went in.
TEST(shared_ring, keeps_order_over_the_wrap_of_its_numbers) {
    std::mt19937 random{20};
    fake_ring memory{just_before_wrap - 1000};
    producer_ring<std::uint64_t> in{memory.parts()};
    consumer_ring<std::uint64_t> out{memory.parts()};
    std::uint64_t written = 0;
    std::uint64_t read = 0;
    while (read < 5000) {
        const std::uint32_t put = in.room(random() % 10);
        for (std::uint32_t i = 0; i < put; ++i) {
            in.push(written++);
        }
        in.publish();
        const std::uint32_t got = out.available(random() % 10);
        for (std::uint32_t i = 0; i < got; ++i) {
            ASSERT_EQ(out.pop(), read++);
        }
        out.release();
        ASSERT_LE(written - read, 8U);
    }
}

}  // namespace
}  // namespace ringway::xdp
