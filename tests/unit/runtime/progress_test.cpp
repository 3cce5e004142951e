#include <ringway/runtime/progress.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/simulated_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

TEST(progress_meter, a_steady_rate_is_told_as_it_is) {
    progress_meter meter{0ns};
    progress_event event;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        event = meter.note(100ms * i, {1000 * i, 40'000});
    }
    EXPECT_NEAR(event.bytes_per_second, 10'000, 1);
    EXPECT_NEAR(static_cast<double>(event.left.count()), 2e9, 1e7);
    EXPECT_EQ(event.elapsed, 2s);
    EXPECT_EQ(event.count.done, 20'000U);
}

TEST(progress_meter, follows_a_change_within_seconds) {
    progress_meter meter{0ns};
    static_cast<void>(meter.note(1s, {1'000'000, 0}));
    progress_event event;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        event = meter.note(1s + 1s * i, {1'000'000 + 1000 * i, 0});
    }
    EXPECT_LT(event.bytes_per_second, 10'000);
    EXPECT_GT(event.bytes_per_second, 1'000);
}

TEST(progress_meter, knows_no_end_without_total_or_rate) {
    progress_meter meter{0ns};
    EXPECT_EQ(meter.note(1s, {1000, 0}).left, -1ns);
    progress_meter idle{0ns};
    EXPECT_EQ(idle.note(1s, {0, 1000}).left, -1ns);
    EXPECT_EQ(idle.note(1s, {0, 1000}).bytes_per_second, 0);  // No time has passed.
}

TEST(progress_meter, what_is_taken_back_is_no_rate) {
    progress_meter meter{0ns};
    static_cast<void>(meter.note(1s, {1000, 0}));
    EXPECT_GE(meter.note(2s, {10, 0}).bytes_per_second, 0);
}

TEST(watch_progress, tells_at_each_period_and_once_at_the_end) {
    std::vector<progress_event> told;
    test::run_simulated({}, [&told](simulated_driver&) -> task<void> {
        const auto main = [](std::vector<progress_event>& into) -> task<void> {
            std::uint64_t done = 0;
            scope watching;
            watching.spawn(watch_progress(
                100ms, [&done] { return progress_count{++done, 10}; },
                [&into](const progress_event& event) { into.push_back(event); }));
            static_cast<void>(co_await sleep_for(350ms));
            watching.request_stop();
            co_await watching.join();
        };
        return main(told);
    });
    ASSERT_EQ(told.size(), 4U);
    EXPECT_FALSE(told[2].last);
    EXPECT_TRUE(told[3].last);
    EXPECT_EQ(told[3].count.done, 4U);
}

// Goal: a reader that does not keep up holds nobody up, and sees the end.
TEST(watch_progress, a_full_channel_is_not_waited_for) {
    std::size_t received = 0;
    bool closed = false;
    test::run_simulated({}, [&](simulated_driver&) -> task<void> {
        const auto main = [](std::size_t& count, bool& end) -> task<void> {
            channel<progress_event> events{2};
            scope watching;
            watching.spawn(watch_progress(10ms, [] { return progress_count{1, 2}; }, events));
            static_cast<void>(co_await sleep_for(1s));
            watching.request_stop();
            co_await watching.join();
            for (;;) {
                const auto event = co_await events.receive();
                if (!event) {
                    end = event.error().code == errc::closed;
                    co_return;
                }
                ++count;
            }
        };
        return main(received, closed);
    });
    EXPECT_EQ(received, 2U);
    EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace ringway
