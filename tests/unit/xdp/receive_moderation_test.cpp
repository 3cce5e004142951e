#include "xdp/receive_moderation.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::xdp {
namespace {

using namespace std::chrono_literals;

TEST(receive_moderation, leaves_few_packets_alone) {
    receive_moderation one{50us, 1024};
    EXPECT_EQ(one.pause_after(0), 0us);
    EXPECT_EQ(one.pause_after(63), 0us);
    EXPECT_GE(one.pause_after(64), 5us);
    EXPECT_EQ(one.pause_after(1), 0us);
}

TEST(receive_moderation, can_be_switched_off) {
    receive_moderation never{0us, 1024};
    EXPECT_EQ(never.pause_after(1'000'000), 0us);
}

// Goal: whatever the rate, the number of frames and the lateness of timers, what is offered does
// not run out because of pauses; and where it can't, pauses are as long as they may be.
TEST(receive_moderation, pauses_find_their_length) {
    for (const std::uint32_t frames : {256U, 512U, 1024U, 4000U}) {
        for (const auto late : {0us, 50us}) {
            for (const double per_us : {1.5, 3.0, 9.0, 30.0}) {
                SCOPED_TRACE(
                    fmt::format("{} frames, {} per us, {} us late", frames, per_us, late.count()));
                receive_moderation one{50us, frames};
                std::chrono::nanoseconds last{0};
                double came = 64;
                double all = 0;
                double lost = 0;
                for (int i = 0; i < 100'000; ++i) {
                    last = one.pause_after(static_cast<std::uint64_t>(came));
                    const std::chrono::duration<double, std::micro> took = last + late;
                    came = last == 0us ? 64 : took.count() * per_us;
                    all += came;
                    lost += std::max(0.0, came - frames);
                }
                EXPECT_LT(lost / all, 0.01);
                const std::chrono::duration<double, std::micro> longest = 50us + late;
                if (longest.count() * per_us * 2 < frames / 4.0) {
                    EXPECT_EQ(last, 50us);
                }
            }
        }
    }
}

TEST(receive_moderation, does_without_where_frames_are_few) {
    receive_moderation one{50us, 256};
    EXPECT_EQ(one.pause_after(64), 5us);
    EXPECT_EQ(one.pause_after(250), 0us);
    for (int i = 0; i < 16; ++i) {
        EXPECT_EQ(one.pause_after(100), 0us);
    }
    EXPECT_EQ(one.pause_after(100), 5us) << "but tries again";
    EXPECT_EQ(one.pause_after(5), 0us);
    EXPECT_EQ(one.pause_after(64), 5us);
    EXPECT_EQ(one.pause_after(64), 5us);
}

// How many of so many waits pause, but for the `skipped` first ones, when each brings 200 packets
// and `loss_of` tells what it loses, of its number and of whether it pauses.
template <class Loss>
std::uint64_t count_pauses(int waits, int skipped, Loss loss_of) {
    receive_moderation one{50us, 4000};
    std::uint64_t came = 0;
    std::uint64_t lost = 0;
    std::uint64_t pauses = 0;
    for (int i = 0; i < waits; ++i) {
        const bool paused = one.pause_after(200) > 0us;
        came += 200;
        lost += loss_of(i, paused);
        pauses += paused && i >= skipped ? 1 : 0;
        if (one.is_window_over()) {
            one.note_losses(came, lost);
        }
    }
    return pauses;
}

// Goal: a core on which sleepers wait for their turn: every pause loses a fifth, being woken
// nothing.
TEST(receive_moderation, gives_up_pauses_that_lose_packets) {
    const auto lately = count_pauses(
        400'000, 200'000, [](int, bool paused) -> std::uint64_t { return paused ? 50 : 0; });
    EXPECT_GT(lately, 0U) << "but tries again";
    EXPECT_LT(lately, 2'000U);
}

// Goal: where as much is lost without pauses, they are not to blame.
TEST(receive_moderation, keeps_pauses_where_being_woken_loses_as_much) {
    EXPECT_GT(count_pauses(100'000, 0, [](int, bool) -> std::uint64_t { return 50; }), 99'000U);
}

TEST(receive_moderation, forgives_single_bursts_of_losses) {
    const auto bursts = [](int wait, bool) -> std::uint64_t {
        return wait % 5'000 == 0 ? 2'000 : 0;
    };
    EXPECT_GT(count_pauses(100'000, 0, bursts), 90'000U);
}

TEST(receive_moderation, pauses_end_when_asked) {
    test::run_on_shard([]() -> task<void> {
        receive_moderation one{50us, 1024};
        const auto begin = std::chrono::steady_clock::now();
        const auto paused = co_await with_timeout(10ms, one.pause(1h));
        EXPECT_FALSE(paused.has_value());
        EXPECT_EQ(paused.error().code, errc::timed_out);
        EXPECT_TRUE((co_await one.pause(2ms)).has_value());
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 12ms);
    }());
}

}  // namespace
}  // namespace ringway::xdp
