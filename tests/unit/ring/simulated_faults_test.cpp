#include "ring/simulated_faults.hpp"

#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway {
namespace {

// Goal: a seed means the same on every machine and in every version.
TEST(simulated_random, numbers_of_a_seed_are_fixed) {
    detail::simulated_random random{1};
    EXPECT_EQ(random.next(), 0xb3f2af6d0fc710c5U);
    EXPECT_EQ(random.next(), 0x853b559647364ceaU);
}

TEST(simulated_random, stays_within_bounds) {
    detail::simulated_random random{7};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LT(random.below(10), 10U);
        seen.insert(random.between(3, 5));
    }
    EXPECT_EQ(seen, (std::set<std::uint64_t>{3, 4, 5}));
}

TEST(simulated_faults, a_perfect_kernel_has_none) {
    detail::simulated_faults faults{simulation_options{}};
    for (std::size_t kind = 0; kind < fault_count; ++kind) {
        for (int i = 0; i < 100; ++i) {
            EXPECT_FALSE(faults.strikes(static_cast<fault>(kind)));
        }
        EXPECT_EQ(faults.struck()[static_cast<fault>(kind)], 0U);
    }
}

TEST(simulated_faults, strike_as_often_as_asked) {
    simulation_options options;
    options.per_mille[fault::reset] = 200;
    detail::simulated_faults faults{options};
    for (int i = 0; i < 10000; ++i) {
        static_cast<void>(faults.strikes(fault::reset));
    }
    EXPECT_GT(faults.struck()[fault::reset], 1800U);
    EXPECT_LT(faults.struck()[fault::reset], 2200U);
}

TEST(simulated_faults, a_short_transfer_moves_at_least_a_byte) {
    simulation_options options;
    options.per_mille[fault::short_read] = 1000;
    detail::simulated_faults faults{options};
    EXPECT_EQ(faults.shortened(fault::short_read, 0), 0U);
    EXPECT_EQ(faults.shortened(fault::short_read, 1), 1U);
    for (int i = 0; i < 100; ++i) {
        const std::uint32_t size = faults.shortened(fault::short_read, 5);
        EXPECT_GE(size, 1U);
        EXPECT_LT(size, 5U);
    }
}

TEST(simulation_options, storms_differ_by_seed_and_leave_faults_out) {
    std::size_t quiet = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const simulation_options one = stormy(seed);
        const simulation_options same = stormy(seed);
        EXPECT_EQ(one.seed, seed);
        EXPECT_EQ(one.delay_max, same.delay_max);
        EXPECT_EQ(one.per_mille[fault::reset], same.per_mille[fault::reset]);
        quiet += one.per_mille[fault::reset] == 0 ? 1 : 0;
    }
    EXPECT_GT(quiet, 25U);
    EXPECT_LT(quiet, 75U);
}

TEST(simulation_options, every_fault_has_a_name) {
    std::set<std::string_view> names;
    for (std::size_t kind = 0; kind < fault_count; ++kind) {
        names.insert(name_of(static_cast<fault>(kind)));
    }
    EXPECT_EQ(names.size(), fault_count);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(simulation_options, the_environment_asks_for_a_seed) {
    const char* const set = std::getenv("RINGWAY_SEED");
    const std::optional<std::string> before = set != nullptr ? std::optional{set} : std::nullopt;
    ASSERT_EQ(::setenv("RINGWAY_SEED", "18446744073709551615", 1), 0);
    EXPECT_EQ(seed_from_environment(), UINT64_MAX);
    ::unsetenv("RINGWAY_SEED");
    EXPECT_EQ(seed_from_environment(), std::nullopt);
    if (before) {
        ::setenv("RINGWAY_SEED", before->c_str(), 1);
    }
}

}  // namespace
}  // namespace ringway
