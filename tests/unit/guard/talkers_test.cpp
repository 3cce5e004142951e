#include "guard/talkers.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <sched.h>

#include <gtest/gtest.h>

#include "support/guard_world.hpp"

namespace ringway::guard {
namespace {

using test::made_frame;
using test::range_of;

guard_source source_of(std::uint32_t number) { return {.word = {0, 0, 0xffff0000U, number}}; }

// The address of source_of(number).
cidr address_of(std::uint32_t number) {
    cidr made{.address = {}, .length = 32};
    std::memcpy(made.address.data(), &number, sizeof number);
    return made;
}

// Goal: the program counts into the cells where the report looks, whichever the CPU.
TEST(talkers, say_what_the_program_has_counted) {
    RW_NEED_BPF();
    auto made = firewall::load({});
    ASSERT_TRUE(made.has_value()) << made.error();
    auto& wall = **made;
    const auto send = [&](const char* from, unsigned count) {
        return wall.try_frame(made_frame({.source = range_of(from), .payload = {}}), count)
            .has_value();
    };
    ASSERT_TRUE(send("192.0.2.1", 3000));
    ASSERT_TRUE(send("2001:db8:1:2::77", 2000));
    ASSERT_TRUE(send("192.0.2.2", 10));
    talkers counts;
    counts.harvest(wall);  // Nothing yet: the turn is still being counted.
    EXPECT_EQ(counts.packets(), 0U);
    counts.harvest(wall);
    EXPECT_EQ(counts.packets(), 5010U);
    const auto top = counts.top(wall, 2);
    ASSERT_EQ(top.size(), 2U);
    EXPECT_EQ(to_text(top[0].source), "192.0.2.1");
    EXPECT_EQ(top[0].packets_max, 3000U);
    EXPECT_EQ(top[0].bytes, 3000U * 54);
    EXPECT_EQ(to_text(top[1].source), "2001:db8:1:2::/64");
    EXPECT_EQ(top[1].packets_max, 2000U);
    guard_source small{.word = {0, 0, 0xffff0000U, 0}};
    std::memcpy(&small.word[3], range_of("192.0.2.2").address.data(), 4);
    EXPECT_EQ(counts.packets_max(wall.seed(), small), 10U);
}

// Goal: a million sources that send once do not hide the one that sends much, and what is said
// about it is within the bound.
TEST(talkers, find_a_source_among_many) {
    RW_NEED_BPF();
    auto made = firewall::load({});
    ASSERT_TRUE(made.has_value()) << made.error();
    auto& wall = **made;
    auto recipe = test::frame_recipe{.source = range_of("10.0.0.0"), .payload = {}};
    constexpr unsigned others = 100'000;
    for (unsigned i = 0; i < others; ++i) {
        recipe.source.address = {10, static_cast<std::uint8_t>(i >> 16U),
                                 static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)};
        ASSERT_TRUE(wall.try_frame(made_frame(recipe)).has_value());
    }
    recipe.source = range_of("198.51.100.1");
    ASSERT_TRUE(wall.try_frame(made_frame(recipe), 2000).has_value());
    talkers counts;
    counts.harvest(wall);
    counts.harvest(wall);
    EXPECT_EQ(counts.packets(), others + 2000);
    EXPECT_EQ(counts.error_bound(2000), 5U);  // e / 65,536 of 102,000
    const auto top = counts.top(wall, 1);
    ASSERT_EQ(top.size(), 1U);
    EXPECT_EQ(to_text(top[0].source), "198.51.100.1");
    EXPECT_GE(top[0].packets_max, 2000U);
    EXPECT_LE(top[0].packets_max, 2000U + counts.error_bound(2000));
    unsigned too_high = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        const auto said = counts.packets_max(wall.seed(), source_of(i * 7919));
        too_high += said > counts.error_bound(said) ? 1 : 0;
    }
    EXPECT_LT(too_high, 183U);  // e^-4 of those who never sent.
}

// Keeps this thread on the CPU where it is, until the end of the scope.
class kept_here {
public:
    kept_here() {
        ::sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t here{};
        CPU_SET(static_cast<unsigned>(::sched_getcpu()), &here);
        ::sched_setaffinity(0, sizeof here, &here);
    }
    ~kept_here() { ::sched_setaffinity(0, sizeof before_, &before_); }
    kept_here(const kept_here&) = delete;
    kept_here& operator=(const kept_here&) = delete;

private:
    cpu_set_t before_{};
};

// Goal: in a flood that is counted by weight, all packets are counted still, and what is said of a
// source, be it large, small or silent, is within the bounds.
TEST(talkers, count_a_flood_by_weight) {
    RW_NEED_BPF();
    auto made = firewall::load({});
    ASSERT_TRUE(made.has_value()) << made.error();
    auto& wall = **made;
    const kept_here here;
    std::map<std::uint32_t, std::uint64_t> sent{
        {1, GUARD_COUNTED_SO}, {2, 500'000}, {3, 20'000}, {4, 0}};
    for (std::uint32_t small = 100; small < 300; ++small) {
        sent[small] = 20;
    }
    std::uint64_t all = 0;
    for (const auto& [number, count] : sent) {
        const auto frame = made_frame({.source = address_of(number), .payload = {}});
        ASSERT_TRUE(count == 0 || wall.try_frame(frame, static_cast<unsigned>(count)));
        all += count;
    }
    talkers counts;
    counts.harvest(wall);
    counts.harvest(wall);
    EXPECT_EQ(counts.packets(), all);
    unsigned wrong = 0;
    for (const auto& [number, count] : sent) {
        const auto said = counts.packets_max(wall.seed(), source_of(number));
        const bool holds = said >= count && said <= count + counts.error_bound(said);
        EXPECT_TRUE(holds || number >= 100) << number << ": " << said << " of " << count;
        wrong += holds ? 0 : 1;
    }
    EXPECT_LT(wrong, 16U);  // 2 % of them may be: 4.
    const auto top = counts.top(wall, 2);
    ASSERT_EQ(top.size(), 2U);
    EXPECT_EQ(top[0].source.word[3], 1U);
    EXPECT_EQ(top[1].source.word[3], 2U);
}

// Goal: a limit per source is judged by what was counted, so that is counted one by one.
TEST(talkers, count_every_packet_where_sources_are_limited) {
    RW_NEED_BPF();
    auto made = firewall::load({.per_source = {.per_second = 1'000'000, .burst = 500'000}});
    ASSERT_TRUE(made.has_value()) << made.error();
    auto& wall = **made;
    const kept_here here;
    constexpr unsigned packets = GUARD_COUNTED_SO + 12'345U;
    const auto frame = made_frame({.source = address_of(1), .payload = {}});
    ASSERT_TRUE(wall.try_frame(frame, packets).has_value());
    talkers counts;
    counts.harvest(wall);
    counts.harvest(wall);
    EXPECT_EQ(counts.packets_max(wall.seed(), source_of(1)), packets);
}

// Goal: what is told is of the ten seconds before, whenever it is asked.
TEST(talkers, the_window_moves_on_with_every_second) {
    RW_NEED_BPF();
    auto made = firewall::load({});
    ASSERT_TRUE(made.has_value()) << made.error();
    auto& wall = **made;
    const auto frame = made_frame({.source = range_of("192.0.2.1"), .payload = {}});
    guard_source source{.word = {0, 0, 0xffff0000U, 0}};
    std::memcpy(&source.word[3], range_of("192.0.2.1").address.data(), 4);
    talkers counts;
    for (unsigned second = 0; second < 35; ++second) {
        const unsigned count = second < 15 ? 100 : 0;
        ASSERT_TRUE(count == 0 || wall.try_frame(frame, count).has_value());
        counts.harvest(wall);  // Takes what was counted up to the second before.
        unsigned expected = 0;
        for (unsigned before = 1; before <= 10 && before <= second; ++before) {
            expected += second - before < 15 ? 100 : 0;
        }
        EXPECT_EQ(counts.packets(), expected) << second;
        EXPECT_EQ(counts.packets_max(wall.seed(), source), expected) << second;
    }
}

}  // namespace
}  // namespace ringway::guard
