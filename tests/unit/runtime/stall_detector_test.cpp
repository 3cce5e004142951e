#include <chrono>
#include <cstdint>
#include <ctime>
#include <gtest/gtest.h>
#include <string>

#include <ringway/coro/suspension.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

// Holds the shard until the detector has noticed `stalls`, or for a long time.
[[gnu::noinline]] void hold_until_noticed(const shard& here, std::uint64_t stalls) {
    const auto give_up = std::chrono::steady_clock::now() + test::patience();
    while (here.counters().stalls.get() < stalls && std::chrono::steady_clock::now() < give_up) {
    }
}

cluster_options watching(stall_options stalls) {
    return {.shards = 1, .pin = false, .stalls = stalls};
}

TEST(stall_detector, counts_each_stall_once) {
    testing::internal::CaptureStderr();
    test::run_cluster(watching({.limit = 8ms}), [](shard& here) -> task<void> {
        const auto run = [](shard& self) -> task<void> {
            hold_until_noticed(self, 1);
            EXPECT_EQ(self.counters().stalls.get(), 1U);
            EXPECT_GE(self.counters().stall_max_ns.get(), 8'000'000U);
            const auto longer = std::chrono::steady_clock::now() + 30ms;
            while (std::chrono::steady_clock::now() < longer) {  // Still the same one.
            }
            EXPECT_EQ(self.counters().stalls.get(), 1U);
            co_await sleep_for(20ms);  // Waiting is no stall.
            EXPECT_EQ(self.counters().stalls.get(), 1U);
            hold_until_noticed(self, 2);
            EXPECT_EQ(self.counters().stalls.get(), 2U);
        };
        return run(here);
    });
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("shard 0 stalls"), std::string::npos) << log;
    EXPECT_EQ(log.find("stall 2"), std::string::npos) << "more than a line a second: " << log;
}

// Goal: many short turns in a row are no stall, however long all of them take.
TEST(stall_detector, busy_is_not_stalled) {
    test::run_cluster(watching({.limit = 50ms}), [](shard& here) -> task<void> {
        const auto run = [](shard& self) -> task<void> {
            const auto end = std::chrono::steady_clock::now() + 150ms;
            while (std::chrono::steady_clock::now() < end) {
                co_await yield{};
            }
            EXPECT_EQ(self.counters().stalls.get(), 0U);
        };
        return run(here);
    });
}

TEST(stall_detector, shows_where_when_asked) {
    testing::internal::CaptureStderr();
    test::run_cluster(
        watching({.limit = 8ms, .print_stacks = true}), [](shard& here) -> task<void> {
            const auto run = [](shard& self) -> task<void> {
                hold_until_noticed(self, 1);
                const auto longer = std::chrono::steady_clock::now() + 30ms;
                while (std::chrono::steady_clock::now() < longer) {  // Time for the signal.
                }
                co_return;
            };
            return run(here);
        });
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("shard 0 stalls"), std::string::npos) << log;
    EXPECT_NE(log.find("[0x"), std::string::npos) << "no stack: " << log;
}

}  // namespace
}  // namespace ringway
