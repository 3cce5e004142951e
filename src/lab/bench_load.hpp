// The load generator, on our own runtime: closed loop, or open loop at a constant rate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "lab/bench_service.hpp"
#include "lab/measurement.hpp"
#include "lab/outcome.hpp"

namespace ringway::lab {

struct load_options {
    service_kind service = service_kind::echo;
    std::uint16_t port = 0;  ///< On 127.0.0.1.
    std::uint64_t connections = 1;
    std::uint64_t message_bytes = 64;  ///< Of an echo.
    std::uint64_t records = 1;         ///< Of lookups: their numbers are below this, at random.
    std::string path = "/";            ///< Of HTTP.
    double rate = 0;       ///< Requests per second of all connections; 0: each asks as it can.
    double seconds = 1;    ///< Of the measurement, behind `warm_up`.
    double warm_up = 0.2;  ///< In seconds.
    pid_t server = 0;      ///< Whose processor time is metered.
    bool count_syscalls = false;  ///< Of the server.
    /// Never sleep in a closed loop either, for which it needs a core of its own. A load that
    /// sleeps has to be woken by the server, and on a virtual machine that is dear: it can double
    /// what a response seems to cost. At a constant rate it never sleeps.
    bool spin = false;
};

/// What a load is told on its command line, and understands there.
[[nodiscard]] std::vector<std::string> to_arguments(const load_options& options);
[[nodiscard]] std::optional<load_options> read_load_options(std::span<const std::string> arguments);

/// What a load prints as one line of JSON, and what is read of it. Fails with what the load says
/// went wrong.
[[nodiscard]] std::string to_line(const outcome<measurement>& what);
[[nodiscard]] outcome<measurement> read_line(std::string_view text);

/// Opens the connections, one after the other, asks on each one request at a time and measures.
/// Every byte that comes back is checked. Connections go out from several source addresses
/// (127.0.0.2 and on), so that ten thousand of them find ports, and are reset in the end, so that
/// none of these ports has to wait.
///
/// Fails with a line for people when a connection can't be made or nothing was answered; answers
/// that are wrong or do not come are counted as failed.
[[nodiscard]] outcome<measurement> run_load(const load_options& options);

}  // namespace ringway::lab
