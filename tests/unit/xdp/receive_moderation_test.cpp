#include "xdp/receive_moderation.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

using namespace std::chrono_literals;

TEST(receive_moderation, leaves_few_packets_alone) {
    receive_moderation one{50us, 1024};
    EXPECT_EQ(one.pause_after(0), 0us);
    EXPECT_EQ(one.pause_after(63), 0us);
    EXPECT_EQ(one.pause_after(64), 50us);
    EXPECT_EQ(one.pause_after(1), 0us);
}

TEST(receive_moderation, can_be_switched_off) {
    receive_moderation never{0us, 1024};
    EXPECT_EQ(never.pause_after(1'000'000), 0us);
}

// Goal: the frames that wait for packets never run out because of us.
TEST(receive_moderation, takes_shorter_pauses_when_packets_come_faster) {
    receive_moderation one{50us, 1024};
    EXPECT_EQ(one.pause_after(512), 50us);
    EXPECT_EQ(one.pause_after(513), 25us);
    EXPECT_EQ(one.pause_after(600), 12us);
    EXPECT_EQ(one.pause_after(300), 12us) << "a good measure";
    EXPECT_EQ(one.pause_after(600), 6us);
    EXPECT_EQ(one.pause_after(600), 5us);
    EXPECT_EQ(one.pause_after(600), 5us) << "the shortest";
    EXPECT_EQ(one.pause_after(100), 10us);
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(one.pause_after(100));
    }
    EXPECT_EQ(one.pause_after(100), 50us) << "and the longest";
}

}  // namespace
}  // namespace ringway::xdp
