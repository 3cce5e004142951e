// A whole shard on a simulated kernel: timers, streams and servers in virtual time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <ringway/ring/simulated_driver.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::test {

/// A storm of which a correct server lets nobody notice anything but the delays: short transfers,
/// lost races, full queues, buffers that run out.
[[nodiscard]] inline simulation_options gentle(std::uint64_t seed) {
    simulation_options options = stormy(seed);
    for (const fault kind :
         {fault::short_send, fault::eintr, fault::enomem, fault::reset, fault::accept_error,
          fault::connect_error, fault::file_error, fault::stall, fault::no_space}) {
        options.per_mille[kind] = 0;
    }
    return options;
}

/// What a run leaves behind.
struct simulated_run {
    per_fault<std::uint64_t> faults;
    leak_report leaks;
    std::uint64_t history = 0;
    std::string description;  ///< For SCOPED_TRACE: says how to replay.
};

/// Runs `main(simulated_driver&)`, a task<void>, to its end. Aborts, with the seed, when it waits
/// forever.
template <class Main>
simulated_run run_simulated(const simulation_options& options, Main main) {
    auto made = std::make_unique<simulated_driver>(options);
    simulated_driver& io = *made;
    shard loop{0, std::move(made)};
    EXPECT_TRUE(loop.run(main(io)).has_value());
    return {.faults = io.faults(),
            .leaks = io.leaks(),
            .history = io.history(),
            .description = io.describe()};
}

}  // namespace ringway::test
