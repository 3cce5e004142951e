#include "xdp/traffic.hpp"

#include <chrono>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::xdp {
namespace {

udp_recipe recipe(bool v6) {
    return {.is_v6 = v6,
            .source = parse_prefix(v6 ? "fd77::2" : "10.77.0.2")->address,
            .target = parse_prefix(v6 ? "fd77::1" : "10.77.0.1")->address,
            .source_port = 40000,
            .target_port = 7};
}

// Goal: whatever varies, every frame is one that a receiver takes.
TEST(traffic, has_right_checksums_for_every_source_and_stamp) {
    for (const bool v6 : {false, true}) {
        for (const std::size_t bytes : {60U, 61U, 100U, 1514U}) {
            for (const char* const from : {v6 ? "fd80::/64" : "10.128.0.0/9", ""}) {
                const prefix sources = *from == '\0' ? prefix{} : *parse_prefix(from);
                const traffic made{recipe(v6), sources, 60'000, bytes};
                std::vector<std::byte> frame(made.frame_bytes());
                for (std::uint64_t number = 0; number < 3000; number += 7) {
                    made.write(frame, number * 977, std::chrono::nanoseconds{number << 40U});
                    const auto it = parse_frame(frame);
                    ASSERT_TRUE(it && it->end == frame.size());
                    ASSERT_TRUE(checksums_are_right(frame, *it)) << number;
                    ASSERT_EQ(it->target_port, 7);
                    if (bytes >= 100) {
                        ASSERT_EQ(traffic::stamp_of(frame)->number, number * 977);
                    }
                }
            }
        }
    }
}

TEST(traffic, comes_from_as_many_sources_as_asked_for) {
    const prefix from = *parse_prefix("10.128.0.0/16");
    const traffic by_address{recipe(false), from, 500, 60};
    const traffic by_port{recipe(false), {}, 500, 60};
    std::set<ip_address> addresses;
    std::set<int> ports;
    std::vector<std::byte> frame(60);
    for (std::uint64_t number = 0; number < 2000; ++number) {
        by_address.write(frame, number, {});
        addresses.insert(parse_frame(frame)->source);
        EXPECT_EQ(parse_frame(frame)->source[13], 128);
        EXPECT_EQ(parse_frame(frame)->source_port, 40000);
        by_port.write(frame, number, {});
        ports.insert(parse_frame(frame)->source_port);
        EXPECT_EQ(parse_frame(frame)->source, recipe(false).source);
    }
    EXPECT_EQ(addresses.size(), 500U);
    EXPECT_EQ(ports.size(), 500U);
}

TEST(traffic, knows_its_own_stamp_only) {
    const traffic made{recipe(true), {}, 1, 200};
    std::vector<std::byte> frame(200);
    made.write(frame, 5, std::chrono::nanoseconds{77});
    EXPECT_EQ(traffic::stamp_of(frame)->time_ns, 77U);
    frame[62] ^= std::byte{1};
    EXPECT_FALSE(traffic::stamp_of(frame).has_value());
    EXPECT_FALSE(traffic::stamp_of(byte_view{frame}.first(70)).has_value());
}

}  // namespace
}  // namespace ringway::xdp
