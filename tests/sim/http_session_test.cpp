// Whole HTTP/1 connections on simulated kernels: every byte that comes back is the right one.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <ringway/base/log.hpp>

#include "support/run_on_shard.hpp"
#include "support/sim_scenarios.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

// What a number of runs saw, so that a test can say that it saw enough.
struct totals {
    std::size_t connections = 0;
    std::size_t answered = 0;
    std::size_t broken = 0;
};

// More runs than usual, by the factor RINGWAY_SIM_FACTOR: for long searches.
std::size_t factor() {
    const char* const text = std::getenv("RINGWAY_SIM_FACTOR");
    return text == nullptr ? 1 : static_cast<std::size_t>(std::atoll(text));
}

totals run_all(std::size_t count, std::uint64_t first, sim_weather weather) {
    set_log_level(log_level::error);
    totals seen;
    const sim_site& site = sim_site::shared();
    const std::size_t descriptors = open_descriptors();
    for (const std::uint64_t seed : seeds(count * factor(), first)) {
        const sim_scenario scenario = pick_scenario(site, seed, weather);
        const sim_run run = run_server(site, scenario);
        const std::string wrong = judge(scenario, run, weather);
        EXPECT_EQ(wrong, "");
        if (::testing::Test::HasFailure()) {
            break;
        }
        seen.connections += run.accepted;
        for (const sim_client_result& each : run.clients) {
            seen.answered += each.answered;
            seen.broken += each.connected && !each.reached_end ? 1U : 0U;
        }
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    return seen;
}

TEST(http_session, a_perfect_kernel) {
    const totals seen = run_all(1000, 1, sim_weather::perfect);
    if (!seed_from_environment()) {
        EXPECT_GT(seen.connections, 3000U);
        EXPECT_GT(seen.answered, 6000U);
    }
}

// Goal: short transfers, delays, full queues and lack of buffers change no byte.
TEST(http_session, harmless_faults) {
    const totals seen = run_all(1000, 100'000'000, sim_weather::gentle);
    if (!seed_from_environment()) {
        EXPECT_GT(seen.answered, 6000U);
    }
}

// Goal: whatever happens, a client gets the right bytes or knows that it did not.
TEST(http_session, storms) {
    const totals seen = run_all(1000, 200'000'000, sim_weather::stormy);
    if (!seed_from_environment()) {
        EXPECT_GT(seen.answered, 2000U);
        EXPECT_GT(seen.broken, 200U);
    }
}

}  // namespace
}  // namespace ringway::test
