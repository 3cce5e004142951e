// Whole sessions on simulated kernels, good and bad.
#include <cstdint>
#include <set>

#include <gtest/gtest.h>

#include "support/echo_session.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

// Faults that a correct program overcomes without anybody's noticing.
simulation_options harmless(std::uint64_t seed) {
    simulation_options options = stormy(seed);
    for (const fault kind : {fault::reset, fault::accept_error, fault::connect_error,
                             fault::file_error, fault::no_space}) {
        options.per_mille[kind] = 0;
    }
    return options;
}

TEST(simulated_kernel, a_perfect_one_loses_nothing) {
    for (const std::uint64_t seed : seeds(50)) {
        simulation_options options;
        options.seed = seed;
        const echo_session session = run_echo(options, 5);
        SCOPED_TRACE(session.description);
        EXPECT_TRUE(session.ended);
        EXPECT_EQ(session.leaks, leak_report{});
        for (const echo_outcome& outcome : session.outcomes) {
            EXPECT_TRUE(outcome.is_exact());
        }
    }
}

// Goal: short transfers, delays, interruptions and lack of buffers change no byte.
TEST(simulated_kernel, harmless_faults_lose_nothing) {
    for (const std::uint64_t seed : seeds(500)) {
        const echo_session session = run_echo(harmless(seed), 4);
        SCOPED_TRACE(session.description);
        EXPECT_TRUE(session.ended);
        EXPECT_EQ(session.leaks, leak_report{});
        for (const echo_outcome& outcome : session.outcomes) {
            EXPECT_TRUE(outcome.is_exact());
        }
    }
}

// Goal: whatever happens, a client gets all its bytes or knows that it did not.
TEST(simulated_kernel, a_storm_loses_nothing_silently) {
    std::size_t exact = 0;
    std::size_t broken = 0;
    for (const std::uint64_t seed : seeds(1000)) {
        const echo_session session = run_echo(stormy(seed), 3);
        SCOPED_TRACE(session.description);
        EXPECT_TRUE(session.ended);
        EXPECT_EQ(session.leaks, leak_report{});
        for (const echo_outcome& outcome : session.outcomes) {
            EXPECT_TRUE(outcome.is_prefix);
            ++(outcome.is_exact() ? exact : broken);
        }
    }
    if (!seed_from_environment()) {
        EXPECT_GT(exact, 1000U);
        EXPECT_GT(broken, 200U);
    }
}

TEST(simulated_kernel, every_fault_occurs) {
    per_fault<std::uint64_t> total;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const echo_session session = run_echo(stormy(seed), 3);
        for (std::size_t index = 0; index < fault_count; ++index) {
            total[static_cast<fault>(index)] += session.faults[static_cast<fault>(index)];
        }
    }
    for (std::size_t index = 0; index < fault_count; ++index) {
        EXPECT_GT(total[static_cast<fault>(index)], 0U) << name_of(static_cast<fault>(index));
    }
}

TEST(simulated_kernel, the_same_seed_is_the_same_history) {
    std::set<std::uint64_t> histories;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const echo_session first = run_echo(stormy(seed), 3);
        const echo_session second = run_echo(stormy(seed), 3);
        EXPECT_EQ(first.history, second.history) << first.description;
        EXPECT_EQ(first.outcomes, second.outcomes) << first.description;
        histories.insert(first.history);
    }
    EXPECT_EQ(histories.size(), 50U);
}

}  // namespace
}  // namespace ringway::test
