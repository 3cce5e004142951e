// A server that sends back what it gets, and its clients: a small program to try kernels on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/await.hpp>

#include "support/simulation.hpp"

namespace ringway::test {

/// What became of one client.
struct echo_outcome {
    bool connected = false;
    bool reached_end = false;  ///< The server's end of the stream, without an error.
    bool sent_all = false;
    bool is_prefix = true;  ///< What came back is what was sent, or its beginning.
    std::size_t received = 0;
    std::size_t expected = 0;

    [[nodiscard]] bool is_exact() const noexcept {
        return sent_all && reached_end && is_prefix && received == expected;
    }
    friend bool operator==(const echo_outcome&, const echo_outcome&) = default;
};

/// Echoes on `listener` until stopped; then ends its connections and returns.
[[nodiscard]] task<void> serve_echo(int listener, std::uint64_t seed);

/// Connects to `port`, sends `size` bytes that `seed` picks, and compares what comes back.
[[nodiscard]] task<void> talk_to_echo(simulated_driver& io, std::uint16_t port, std::uint64_t seed,
                                      std::size_t size, echo_outcome& outcome);

/// A whole session: a server and `clients` clients under `options`.
struct echo_session {
    std::vector<echo_outcome> outcomes;
    per_fault<std::uint64_t> faults;
    leak_report leaks;
    std::uint64_t history = 0;
    bool ended = false;
    std::string description;
};
[[nodiscard]] echo_session run_echo(const simulation_options& options, std::size_t clients);

}  // namespace ringway::test
