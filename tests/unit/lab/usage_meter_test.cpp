#include "lab/usage_meter.hpp"

#include <chrono>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

void spin_for(std::chrono::nanoseconds processor_time) {
    const auto until = processor_time_of(::getpid()) + processor_time;
    while (processor_time_of(::getpid()) < until) {
    }
}

TEST(usage_meter, processor_time_per_operation) {
    usage_meter meter{::getpid(), false};
    spin_for(std::chrono::milliseconds{50});
    measurement one;
    meter.finish(one, 100, 0);
    EXPECT_GE(one.get(metric::cpu), 500);
    EXPECT_LT(one.get(metric::cpu), 600);
    EXPECT_GT(one.get(metric::busy), 0);
    EXPECT_LE(one.get(metric::busy), 110);
    EXPECT_FALSE(one.has(metric::syscalls));
}

TEST(usage_meter, nobody_uses_nothing) { EXPECT_EQ(processor_time_of(4'194'303).count(), 0); }

}  // namespace
}  // namespace ringway::lab
