#include "cli/connection_cutter.hpp"

#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <ringway/coro/suspension.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::cli {
namespace {

// Goal: every shard hears of it, on its own thread, and none that has left.
TEST(connection_cutter, asks_every_shard) {
    connection_cutter cutter;
    constexpr unsigned shards = 2;
    std::atomic<unsigned> seated{0};
    std::atomic<unsigned> wrong_threads{0};
    std::thread other{[&] {
        while (seated.load() < shards) {
            std::this_thread::yield();
        }
        for (int i = 0; i < 100; ++i) {
            cutter.cut_off([](std::string_view client) { return client == "192.0.2.7"; });
        }
    }};
    test::run_cluster({.shards = shards, .pin = false}, [&](shard&) -> task<void> {
        return [](connection_cutter& of, std::atomic<unsigned>& arrived,
                  std::atomic<unsigned>& wrong) -> task<void> {
            const auto mine = std::this_thread::get_id();
            connection_cutter::seat seat{of, [&](const connection_cutter::is_meant& meant) {
                                             wrong += std::this_thread::get_id() != mine ? 1U : 0U;
                                             return (meant("192.0.2.7") ? 1U : 0U) +
                                                    (meant("192.0.2.8") ? 1U : 0U);
                                         }};
            ++arrived;
            while (of.count() < 100 * shards) {
                co_await yield{};
            }
            co_await seat.leave();
        }(cutter, seated, wrong_threads);
    });
    other.join();
    EXPECT_EQ(cutter.count(), 100 * shards);
    EXPECT_EQ(wrong_threads.load(), 0U);
    cutter.cut_off([](std::string_view) { return true; });  // Nobody is there.
    EXPECT_EQ(cutter.count(), 100 * shards);
}

}  // namespace
}  // namespace ringway::cli
