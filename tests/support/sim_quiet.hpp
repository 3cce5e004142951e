// Scenarios for tests of one behaviour: a kernel that does no harm, clients one by one.
#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/sim_server.hpp"

namespace ringway::test {

/// A kernel on which everything works, in a few microseconds.
[[nodiscard]] inline sim_scenario quiet() {
    sim_scenario made;
    made.kernel.seed = 5;
    made.kernel.delay_max = std::chrono::microseconds{20};
    made.kernel.socket_buffer_bytes = 16 * 1024;
    return made;
}

/// One that asks for all `exchanges` and then does as `ending` says.
[[nodiscard]] inline sim_client_plan client_of(std::vector<sim_exchange> exchanges,
                                               sim_ending ending = sim_ending::wait) {
    sim_client_plan plan;
    plan.exchanges = std::move(exchanges);
    plan.ending = ending;
    return plan;
}

/// Runs it; nothing may be left behind and no client may have got anything wrong.
[[nodiscard]] inline sim_run run_quietly(const sim_scenario& scenario) {
    sim_run run = run_server(sim_site::shared(), scenario);
    EXPECT_EQ(run.remains, sim_remains{}) << run.description;
    for (const sim_client_result& each : run.clients) {
        EXPECT_EQ(each.problem, "") << run.description;
    }
    return run;
}

[[nodiscard]] inline double seconds(nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// How long a connection lasted, in seconds.
[[nodiscard]] inline double lifetime(const sim_client_result& client) {
    return seconds(client.ended - client.began);
}

}  // namespace ringway::test
