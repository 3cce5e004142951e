#include "lab/spin_meter.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <ringway/coro/suspension.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::lab {
namespace {

task<double> measure(bool works) {
    auto meter = co_await spin_meter::make();
    meter.start();
    const auto ends = driver::current().now() + std::chrono::milliseconds{30};
    while (driver::current().now() < ends) {
        if (works) {
            const auto enough = driver::current().now() + std::chrono::milliseconds{1};
            while (driver::current().now() < enough) {
            }
            co_await yield();
        } else {
            co_await exact_sleep{ends};
        }
    }
    co_return meter.busy_percent();
}

// Wide bounds, and the quietest of a few: a spell without the processor looks like work.
TEST(spin_meter, tells_waiting_from_working) {
    const driver_options settings{.busy_poll = true};
    double idle = 100;
    for (int i = 0; i < 10 && idle >= 60; ++i) {
        idle = std::min(idle, test::run_on_shard(measure(false), settings));
    }
    const double busy = test::run_on_shard(measure(true), settings);
    EXPECT_GE(idle, 0);
    EXPECT_LT(idle, 60);
    EXPECT_LE(busy, 100);
    EXPECT_GT(busy, idle + 20);
}

}  // namespace
}  // namespace ringway::lab
