#include "cli/xdp_hints.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <ringway/base/bytes.hpp>

namespace ringway::cli {
namespace {

TEST(xdp_hints, put_the_tag_back_behind_the_addresses) {
    const std::string addresses = "ttttttssssss";
    const std::string frame = addresses + "rest";
    const auto tagged = with_tag(as_bytes(frame), {.protocol = 0x88a8, .control = 0x6009});
    EXPECT_EQ(as_text(tagged), addresses + "\x88\xa8\x60\x09" + "rest");
    EXPECT_EQ(as_text(with_tag(as_bytes("short"), {})), "short");
}

TEST(xdp_hints, are_told_in_words) {
    EXPECT_EQ(to_text(xdp::received_hints{}), "");
    xdp::received_hints hints;
    hints.hash = 0xabcd;
    EXPECT_EQ(to_text(hints), "hash 0x0000abcd");
    hints.hash_kind = 1U << 1U | 1U << 3U | 1U << 5U;
    hints.time = std::chrono::nanoseconds{12'000'000'345};
    EXPECT_EQ(to_text(hints), "hash 0x0000abcd of ipv6 udp, card's clock 12.000000345");
}

}  // namespace
}  // namespace ringway::cli
