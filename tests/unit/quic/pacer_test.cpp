#include "quic/pacer.hpp"

#include <gtest/gtest.h>

namespace ringway::quic::detail {
namespace {

constexpr ngtcp2_duration ms = NGTCP2_MILLISECONDS;
constexpr std::size_t packet = 1200;

// Sends as much as it may until `until`; the bytes sent.
std::uint64_t send_all(pacer& by, ngtcp2_tstamp& now, ngtcp2_tstamp until,
                       const pacing_facts& facts, std::uint64_t* largest = nullptr) {
    std::uint64_t sent = 0;
    while (now < until) {
        by.update(now, facts);
        std::uint64_t together = 0;
        while (by.allows()) {
            by.sent(packet);
            together += packet;
        }
        sent += together;
        if (largest != nullptr) {
            *largest = std::max(*largest, together);
        }
        now = by.hold();
    }
    return sent;
}

TEST(pacer, without_a_round_trip_time_the_first_window_leaves_at_once) {
    pacer by;
    by.update(5, {.window = 12'000});
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(by.allows());
        by.sent(packet);
    }
    EXPECT_FALSE(by.allows());
    by.update(6, {.window = 12'000});
    EXPECT_TRUE(by.allows());
}

// Goal: 5/4 of a window per round trip in the long run, twice the window in slow start.
TEST(pacer, the_rate_is_that_of_the_window) {
    for (const bool slow_start : {false, true}) {
        pacer by;
        const pacing_facts facts{120'000, slow_start, 40 * ms, packet};
        ngtcp2_tstamp now = 1;
        send_all(by, now, now + 100 * ms, facts);
        const ngtcp2_tstamp began = now;
        const auto sent = static_cast<double>(send_all(by, now, began + 1000 * ms, facts));
        const double rate = sent / static_cast<double>(now - began) * 1e9;
        EXPECT_NEAR(rate, slow_start ? 6e6 : 3.75e6, 60'000);
    }
}

// Goal: a bottleneck's queue gets a few packets at a time, however large the window is.
TEST(pacer, little_leaves_together) {
    pacer by;
    const pacing_facts facts{375'000, false, 100 * ms, packet};  // 37.5 Mbit/s
    ngtcp2_tstamp now = 1;
    send_all(by, now, now + 200 * ms, facts);
    std::uint64_t largest = 0;
    send_all(by, now, now + 1000 * ms, facts, &largest);
    EXPECT_LE(largest, 6 * packet);
    EXPECT_GE(largest, 4 * packet);
}

// Goal: what was saved in silence is an initial window, not more; a small answer right behind a
// longer one is not held.
TEST(pacer, who_was_silent_may_send_an_initial_window) {
    pacer by;
    const pacing_facts facts{14'520, false, 50 * ms, packet};
    by.update(1, facts);
    by.update(10'000 * ms, facts);
    for (int i = 0; i < 9; ++i) {
        by.sent(packet);
    }
    EXPECT_TRUE(by.allows());
    by.update(10'010 * ms, facts);
    EXPECT_TRUE(by.allows());
    by.sent(4 * packet);
    EXPECT_TRUE(by.allows());  // 1200 + 3630 - 4800: 10 ms gave three packets.
    by.sent(packet);
    EXPECT_FALSE(by.allows());
}

TEST(pacer, held_is_held_until_there_is_enough_for_a_few) {
    pacer by;
    const pacing_facts facts{120'000, false, 40 * ms, packet};
    by.update(1, facts);
    while (by.allows()) {
        by.sent(packet);
    }
    const ngtcp2_tstamp until = by.hold();
    EXPECT_GT(until, ngtcp2_tstamp{1});
    by.update(until - 1, facts);
    EXPECT_FALSE(by.allows());
    EXPECT_EQ(by.hold(), until);
    by.update(until, facts);
    EXPECT_TRUE(by.allows());
}

// Goal: acknowledgements do not wait long, be the path as slow as it may.
TEST(pacer, nothing_waits_longer_than_the_longest_wait) {
    pacer by;
    const pacing_facts facts{2'400, false, 3000 * ms, packet};
    ngtcp2_tstamp now = 7;
    by.update(now, facts);
    for (int i = 0; i < 100; ++i) {
        while (by.allows()) {
            by.sent(packet);
        }
        const ngtcp2_tstamp next = by.hold();
        EXPECT_GT(next, now);
        EXPECT_LE(next, now + pacer::wait_max);
        now = next;
        by.update(now, facts);
    }
}

TEST(pacer, large_windows_and_short_round_trips_do_not_overflow) {
    pacer by;
    by.update(1, {std::uint64_t{1} << 32U, true, 10, 65'487});
    by.update(3600'000 * ms, {std::uint64_t{1} << 32U, true, 10, 65'487});
    EXPECT_TRUE(by.allows());
    by.sent(1'000'000);
    EXPECT_TRUE(by.allows());
    EXPECT_GT(by.hold(), 3600'000 * ms);
}

// Goal: many passes in a microsecond lose nothing of it.
TEST(pacer, short_times_add_up) {
    pacer by;
    const pacing_facts facts{1'000'000, false, 10 * ms, packet};
    ngtcp2_tstamp now = 1;
    by.update(now, facts);
    while (by.allows()) {
        by.sent(packet);
    }
    const ngtcp2_tstamp until = by.hold();
    while (now < until) {
        now += 300;
        by.update(now, facts);
    }
    EXPECT_TRUE(by.allows());
}

}  // namespace
}  // namespace ringway::quic::detail
