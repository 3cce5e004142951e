// The parts of experiments that run as processes of their own: this program, started by itself.
#pragma once

#include <span>
#include <string>

namespace ringway::lab {

/// A server, as `server_options` of bench_server.hpp say. Yields the exit status.
[[nodiscard]] int run_bench_server(std::span<const std::string> arguments);

/// Datagrams there and back, as `datagram_options` of datagram_load.hpp say: both ends. Yields the
/// exit status.
[[nodiscard]] int run_bench_datagrams(std::span<const std::string> arguments);

/// A load generator, as `load_options` of bench_load.hpp say. Yields the exit status.
[[nodiscard]] int run_bench_load(std::span<const std::string> arguments);

}  // namespace ringway::lab
