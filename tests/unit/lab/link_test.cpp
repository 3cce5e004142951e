#include "lab/link.hpp"

#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/made_packet.hpp"

namespace ringway::lab {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::made_packet;

struct left {
    lab_time at;
    packet bytes;
};

std::vector<left> drain(link& from) {
    std::vector<left> all;
    while (const auto at = from.next()) {
        EXPECT_FALSE(from.pop(*at - lab_time{1}).has_value());  // Not a nanosecond early.
        all.push_back({*at, *from.pop(*at)});
    }
    return all;
}

packet numbered(unsigned number, std::size_t ip_bytes = 1000) {
    return made_packet({.payload_bytes = ip_bytes - 28, .fill = number});
}

TEST(link, delays) {
    link one{{.delay = milliseconds{25}}, 1, 1};
    one.push(milliseconds{3}, numbered(1));
    one.push(milliseconds{4}, numbered(2));
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].at, milliseconds{28});
    EXPECT_EQ(out[1].at, milliseconds{29});
    EXPECT_EQ(out[0].bytes, numbered(1));
    EXPECT_EQ(one.counters().bytes_out, 2000U);
    EXPECT_EQ(one.counters().payload_in, 2 * 972U);
}

// 8 Mbit/s: a packet of 1,000 bytes takes a millisecond.
TEST(link, the_bottleneck_spreads_packets) {
    link one{{.delay = milliseconds{10}, .bits_per_second = 8'000'000}, 1, 1};
    for (unsigned i = 0; i < 5; ++i) {
        one.push(lab_time{0}, numbered(i));
    }
    one.push(milliseconds{50}, numbered(9));  // It finds the bottleneck free.
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 6U);
    for (unsigned i = 0; i < 5; ++i) {
        EXPECT_EQ(out[i].at, milliseconds{11 + i});
        EXPECT_EQ(out[i].bytes, numbered(i));
    }
    EXPECT_EQ(out[5].at, milliseconds{61});
}

TEST(link, a_burst_goes_at_once) {
    link one{{.bits_per_second = 8'000'000, .burst_bytes = 3000}, 1, 1};
    for (unsigned i = 0; i < 5; ++i) {
        one.push(milliseconds{100}, numbered(i));
    }
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 5U);
    EXPECT_EQ(out[2].at, milliseconds{100});
    EXPECT_EQ(out[3].at, milliseconds{101});
    EXPECT_EQ(out[4].at, milliseconds{102});
}

TEST(link, the_queue_drops_its_tail) {
    link one{{.bits_per_second = 8'000'000, .queue_bytes = 3000}, 1, 1};
    for (unsigned i = 0; i < 5; ++i) {
        one.push(lab_time{0}, numbered(i));
    }
    EXPECT_EQ(one.counters().dropped_by_queue, 2U);
    EXPECT_EQ(one.counters().queued_bytes_max, 3000U);
    one.push(microseconds{1500}, numbered(7));  // One has left meanwhile, and there is room.
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(out[3].bytes, numbered(7));
    EXPECT_EQ(out[3].at, milliseconds{4});
}

TEST(link, lost_packets_have_used_the_bottleneck) {
    link one{{.bits_per_second = 8'000'000, .loss = {.good = 1}}, 1, 1};
    one.push(lab_time{0}, numbered(1));
    EXPECT_FALSE(one.next().has_value());
    EXPECT_EQ(one.counters().dropped_by_loss, 1U);
    EXPECT_EQ(one.counters().queued_bytes_max, 1000U);
}

TEST(link, blackholes_swallow_all) {
    link one{{.blackholes = {{milliseconds{10}, milliseconds{20}}}}, 1, 1};
    for (const int at : {9, 10, 19, 20}) {
        one.push(milliseconds{at}, numbered(static_cast<unsigned>(at)));
    }
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].bytes, numbered(9));
    EXPECT_EQ(out[1].bytes, numbered(20));
    EXPECT_EQ(one.counters().dropped_by_blackhole, 2U);
}

TEST(link, listed_packets_are_dropped) {
    link one{{.drops = {*parse_drop_rule("up:>=1100:2"), *parse_drop_rule("up:1")}}, 1, 1};
    for (const unsigned i : {1U, 2U, 3U, 4U}) {
        one.push(lab_time{0}, numbered(i, i >= 3 ? 1200 : 500));
    }
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].bytes, numbered(2, 500));
    EXPECT_EQ(out[1].bytes, numbered(3, 1200));
    EXPECT_EQ(one.counters().dropped_by_list, 2U);
}

TEST(link, some_come_late_and_some_twice) {
    link late{{.reorder = 1, .reorder_by = milliseconds{5}}, 1, 1};
    late.push(lab_time{0}, numbered(1));
    EXPECT_EQ(late.next(), milliseconds{5});
    EXPECT_EQ(late.counters().reordered, 1U);
    link twice{{.duplicate = 1}, 1, 1};
    twice.push(lab_time{0}, numbered(1));
    const auto out = drain(twice);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].bytes, out[1].bytes);
    EXPECT_EQ(twice.counters().duplicated, 1U);
}

TEST(link, a_long_queue_marks_congestion) {
    link one{{.bits_per_second = 8'000'000, .ecn_mark_above = 1500}, 1, 1};
    for (int i = 0; i < 4; ++i) {
        one.push(lab_time{0}, made_packet({.payload_bytes = 972, .ecn = 2}));
    }
    const auto out = drain(one);
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(ecn_of(out[1].bytes), 2U);
    EXPECT_EQ(ecn_of(out[2].bytes), 3U);
    EXPECT_EQ(one.counters().marked, 2U);
}

// Whatever is switched on: no packet is made or vanishes without a counter, what comes out has been
// put in, nothing comes too early, and the bottleneck never gives more than its rate.
TEST(link, every_packet_is_accounted_for) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        std::mt19937_64 random{seed};
        const auto share = [&random] { return static_cast<double>(random() % 30) / 100; };
        const std::uint64_t rate = (1 + random() % 50) * 1'000'000;
        const lab_time delay = microseconds{random() % 50'000};
        link one{{.delay = delay,
                  .bits_per_second = rate,
                  .queue_bytes = 3000 + random() % 100'000,
                  .loss = loss_options::in_bursts(share(), 2),
                  .reorder = share(),
                  .duplicate = share(),
                  .blackholes = {{milliseconds{10}, milliseconds{15}}},
                  .drops = {*parse_drop_rule("down:10-20")}},
                 seed,
                 1};
        std::uint64_t out = 0;
        std::uint64_t bytes_out = 0;
        lab_time now{0};
        for (unsigned i = 0; i < 500; ++i) {
            one.push(now, numbered(i % 200, 100 + random() % 1400));
            now += microseconds{random() % 300};
            while (const auto popped = one.pop(now)) {
                ++out;
                bytes_out += popped->size();
                EXPECT_TRUE(checksums_are_right(*popped));
            }
        }
        for (const auto& rest : drain(one)) {
            ++out;
            bytes_out += rest.bytes.size();
            now = std::max(now, rest.at);
        }
        const auto& counted = one.counters();
        EXPECT_EQ(counted.packets_in + counted.duplicated,
                  out + counted.dropped_by_queue + counted.dropped_by_loss +
                      counted.dropped_by_list + counted.dropped_by_blackhole)
            << "seed " << seed;
        EXPECT_EQ(counted.packets_out, out);
        EXPECT_EQ(counted.bytes_out, bytes_out);
        const auto bits = static_cast<double>(bytes_out) * 8;
        if (counted.duplicated == 0) {
            EXPECT_LE(bits, std::chrono::duration<double>{now}.count() * double(rate) + 1);
        }
    }
}

TEST(link, chance_is_independent_of_other_settings) {
    const auto lost_of = [](const link_options& options) {
        link one{options, 9, 1};
        std::vector<packet> out;
        for (unsigned i = 0; i < 200; ++i) {
            one.push(milliseconds{i}, numbered(i));
        }
        for (auto& some : drain(one)) {
            out.push_back(std::move(some.bytes));
        }
        return out;
    };
    const auto loss = loss_options::independent(0.2);
    const auto plain = lost_of({.loss = loss});
    EXPECT_LT(plain.size(), 190U);
    EXPECT_EQ(plain, lost_of({.delay = milliseconds{9}, .loss = loss, .ecn_mark = 0.5}));
}

}  // namespace
}  // namespace ringway::lab
