#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/run_on.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using body = task<void>;

TEST(run_blocking, runs_elsewhere_and_resumes_here) {
    const auto run = []() -> body {
        const auto here = std::this_thread::get_id();
        const auto there = co_await run_blocking([] { return std::this_thread::get_id(); });
        EXPECT_NE(there, here);
        EXPECT_EQ(std::this_thread::get_id(), here);
        bool called = false;
        co_await run_blocking([&called] { called = true; });
        EXPECT_TRUE(called);
        const auto moved = co_await run_blocking([] { return std::make_unique<int>(3); });
        EXPECT_EQ(*moved, 3);
    };
    test::run_on_shard(run());
}

// Goal: more calls than threads wait their turn, and the shard goes on meanwhile.
TEST(run_blocking, calls_queue_up_for_few_threads) {
    const auto run = []() -> body {
        std::counting_semaphore<64> gate{0};
        std::atomic<int> running{0};
        std::atomic<int> most{0};
        int done = 0;
        const auto call = [](std::counting_semaphore<64>& wait, std::atomic<int>& now,
                             std::atomic<int>& peak, int& count) -> task<void> {
            co_await run_blocking([&] {
                const int mine = ++now;
                int seen = peak.load();
                while (mine > seen && !peak.compare_exchange_weak(seen, mine)) {
                }
                wait.acquire();
                --now;
            });
            ++count;
        };
        scope calls;
        for (int i = 0; i < 20; ++i) {
            calls.spawn(call(gate, running, most, done));
        }
        for (int i = 0; i < 50; ++i) {
            co_await yield{};
        }
        EXPECT_EQ(done, 0);
        gate.release(20);
        co_await calls.join();
        EXPECT_EQ(done, 20);
        EXPECT_LE(most.load(), static_cast<int>(shard::worker_threads_max));
    };
    test::run_on_shard(run());
}

TEST(run_blocking, a_stop_does_not_cut_it_short) {
    const auto run = []() -> body {
        stop_source stop;
        stop.request_stop();
        const auto call = []() -> task<int> { co_return co_await run_blocking([] { return 9; }); };
        EXPECT_EQ(co_await call().under(stop), 9);
    };
    test::run_on_shard(run());
}

// Goal: an idle shard that sleeps in its driver is woken by the result; many times, for the
// sanitizers and for wake-ups that could be lost.
TEST(run_blocking, every_result_wakes_the_shard) {
    const auto run = []() -> body {
        for (int i = 0; i < 2000; ++i) {
            EXPECT_EQ(co_await run_blocking([i] { return i; }), i);
        }
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
