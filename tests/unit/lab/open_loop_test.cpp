#include "lab/open_loop.hpp"

#include <gtest/gtest.h>

#include <ringway/observe/histogram.hpp>

namespace ringway::lab {
namespace {

using std::chrono::nanoseconds;

TEST(open_loop, connections_take_turns) {
    const open_loop load{1000, 4, nanoseconds{5'000'000}};
    EXPECT_EQ(load.start_of(0, 0), nanoseconds{5'000'000});
    EXPECT_EQ(load.start_of(1, 0), nanoseconds{6'000'000});
    EXPECT_EQ(load.start_of(3, 0), nanoseconds{8'000'000});
    EXPECT_EQ(load.start_of(0, 1), nanoseconds{9'000'000});
    EXPECT_EQ(load.start_of(2, 10), nanoseconds{47'000'000});
}

TEST(open_loop, does_not_drift) {
    const open_loop load{3, 1, nanoseconds{0}};  // A period that is no whole number.
    EXPECT_NEAR(static_cast<double>(load.start_of(0, 3'000'000).count()), 1e15, 1e6);
}

// A server that answers in 1 ms and once stalls for a second, asked 100 times a second for 10 s on
// one connection. By hand: the stall delays the requests due in that second and those that wait
// behind it. A client that counts from the sending sees one slow request of 1,000: its p99 is 1 ms.
TEST(open_loop, a_stall_is_charged_to_all_that_it_delayed) {
    const open_loop load{100, 1, nanoseconds{0}};
    observe::histogram intended{10};
    observe::histogram omitted{10};
    constexpr nanoseconds service{1'000'000};
    constexpr nanoseconds stall{1'000'000'000};
    nanoseconds clock{0};
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const auto due = load.start_of(0, i);
        const auto sent = std::max(clock, due);
        clock = sent + (i == 500 ? stall : service);
        intended.record(static_cast<std::uint64_t>((clock - due).count()));
        omitted.record(static_cast<std::uint64_t>((clock - sent).count()));
    }
    EXPECT_NEAR(static_cast<double>(omitted.quantile(0.99)), 1e6, 2e3);
    // 110 requests were late: the k-th behind the stall by 1 s - 9 ms k. The tenth from the top of
    // 1,000, which p99 leaves above it, makes p99 the eleventh: 1 s - 9 ms * 10.
    EXPECT_NEAR(static_cast<double>(intended.quantile(0.99)), 0.91e9, 2e6);
    EXPECT_NEAR(static_cast<double>(intended.quantile(0.5)), 1e6, 2e3);
}

}  // namespace
}  // namespace ringway::lab
