#include "lab/machine.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(machine, is_known) {
    const auto facts = look_at_machine();
    EXPECT_FALSE(facts.kernel.empty());
    EXPECT_FALSE(facts.processor.empty());
    EXPECT_GE(facts.cores, 1U);
    EXPECT_EQ(facts.time.size(), 20U);
    EXPECT_GT(read_machine_ticks().total, 0U);
}

TEST(machine, shares_of_time) {
    const auto before = parse_machine_ticks("cpu  100 0 100 700 100 0 0 0 50 0");
    EXPECT_EQ(before.total, 1000U);
    EXPECT_EQ(before.idle, 800U);
    const auto after = parse_machine_ticks("cpu  150 0 110 720 100 0 0 20 99 0");
    const auto use = use_between(before, after);
    EXPECT_DOUBLE_EQ(use.busy, 80);
    EXPECT_DOUBLE_EQ(use.stolen, 20);
    EXPECT_EQ(use_between(after, after).busy, 0);
}

}  // namespace
}  // namespace ringway::lab
