// A whole server on a simulated kernel with its clients: one run is a function of its options.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ringway/files/file_cache.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/ring/simulated_driver.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/sim_client.hpp"
#include "support/sim_site.hpp"

namespace ringway::test {

struct sim_scenario {
    simulation_options kernel;
    std::vector<sim_client_plan> clients;
    http::session_limits limits;
    files::cache_limits cache;
    http::connection_limits gate;
    transfer_method method = transfer_method::automatic;
    observe::access_log* log = nullptr;
    /// When the server drains, beside the clients; none: when all of them have gone.
    std::optional<nanoseconds> drain_at;
    std::chrono::milliseconds patience{10'000};
    bool follows_changes = false;        ///< Listens to changes of files.
    std::function<task<void>()> beside;  ///< Runs beside the clients; none if empty.
};

/// What is left of the server and the shard.
struct sim_remains {
    leak_report kernel;
    std::size_t sessions = 0;
    std::size_t admitted = 0;
    std::size_t timers = 0;
    std::int64_t in_flight = 0;
    std::int64_t active = 0;
    std::int64_t idle = 0;

    friend bool operator==(const sim_remains&, const sim_remains&) = default;
};

struct sim_run {
    std::vector<sim_client_result> clients;
    sim_remains remains;
    per_fault<std::uint64_t> faults;
    std::array<std::uint64_t, observe::label_count<observe::timeout_kind>> timeouts{};
    nanoseconds drain_began{0};
    nanoseconds drain_took{0};
    std::uint64_t accepted = 0;
    std::uint64_t history = 0;
    std::string description;  ///< For SCOPED_TRACE: says how to replay.

    [[nodiscard]] std::uint64_t timed_out(observe::timeout_kind why) const {
        return timeouts[static_cast<std::size_t>(why)];
    }
};

/// Serves `site` to the clients of `scenario` until all have gone. Aborts, with the seed, when it
/// would wait forever.
[[nodiscard]] sim_run run_server(const sim_site& site, const sim_scenario& scenario);

/// The response to `request` on a perfect kernel; aborts if there is none.
[[nodiscard]] sim_response ask_once(const sim_site& site, const std::string& request);

}  // namespace ringway::test
