#include <cstdint>
#include <gtest/gtest.h>

#include "quic/rate_limit.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

int allowed(rate_limit& limit, std::uint64_t now_ns, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
        count += limit.allows(now_ns) ? 1 : 0;
    }
    return count;
}

TEST(rate_limit, fills_up_with_time) {
    rate_limit limit{10, 10};
    EXPECT_EQ(allowed(limit, 100 * second, 50), 10);
    EXPECT_EQ(allowed(limit, 100 * second + second / 2, 50), 5);
    EXPECT_EQ(allowed(limit, 900 * second, 50), 10);
}

// Goal: datagrams that another shard has handed over, with times of before, buy nothing.
TEST(rate_limit, a_time_that_goes_back_is_no_gain) {
    rate_limit limit{10, 10};
    EXPECT_EQ(allowed(limit, 100 * second, 50), 10);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(allowed(limit, 100 * second - 1, 10), 0);
        EXPECT_EQ(allowed(limit, 100 * second, 10), 0);
    }
    EXPECT_EQ(allowed(limit, 101 * second, 50), 10);
}

}  // namespace
}  // namespace ringway::quic::detail
