#include "lab/path.hpp"

#include <gtest/gtest.h>

#include "support/made_packet.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;
using test::made_packet;

TEST(path, half_the_round_trip_each_way) {
    path one{path_options::symmetric(milliseconds{50})};
    one.push(path_direction::up, milliseconds{0}, made_packet({}));
    one.push(path_direction::down, milliseconds{1}, made_packet({}));
    EXPECT_EQ(one.next(), milliseconds{25});
    EXPECT_FALSE(one.pop(milliseconds{24}).has_value());
    const auto first = one.pop(milliseconds{30});
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->direction, path_direction::up);
    EXPECT_EQ(first->due, milliseconds{25});
    const auto second = one.pop(milliseconds{30});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->direction, path_direction::down);
    EXPECT_EQ(second->due, milliseconds{26});
    EXPECT_FALSE(one.pop(milliseconds{30}).has_value());
    EXPECT_FALSE(one.next().has_value());
}

TEST(path, directions_lose_different_packets) {
    auto options = path_options::symmetric(milliseconds{0}, 0, loss_options::independent(0.5));
    path one{options};
    std::string up;
    std::string down;
    for (int i = 0; i < 100; ++i) {
        one.push(path_direction::up, milliseconds{i}, made_packet({}));
        up += one.pop(milliseconds{i}) ? '1' : '0';
        one.push(path_direction::down, milliseconds{i}, made_packet({}));
        down += one.pop(milliseconds{i}) ? '1' : '0';
    }
    EXPECT_NE(up, down);
    const auto counted = one.counters();
    EXPECT_EQ(counted.up.packets_in, 100U);
    EXPECT_EQ(counted.up.packets_out + counted.up.dropped_by_loss, 100U);
    EXPECT_EQ(counted.down.packets_out + counted.down.dropped_by_loss, 100U);
}

// A packet to a binding that is forgotten while it is on its way does not arrive: the translator
// is at the client's end.
TEST(path, the_translator_decides_at_the_end) {
    auto options = path_options::symmetric(milliseconds{50});
    options.nat.port_every = milliseconds{1000};
    path one{options};
    auto back = made_packet({.destination_port = 40000});
    const auto facts = *read_packet(back);
    const auto client = address_of(back, facts, packet_end::source);
    write_address(back, facts, packet_end::destination, client);

    one.push(path_direction::up, milliseconds{0}, made_packet({}));
    one.push(path_direction::down, milliseconds{990}, back);
    one.push(path_direction::up, milliseconds{1000}, made_packet({}));
    while (const auto arrived = one.pop(milliseconds{2000})) {
        EXPECT_EQ(arrived->direction, path_direction::up);
    }
    EXPECT_EQ(one.counters().nat.dropped_stale, 1U);
}

}  // namespace
}  // namespace ringway::lab
