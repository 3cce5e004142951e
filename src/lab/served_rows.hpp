// Rows of experiments in which a server on one core answers a load from another.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lab/bench_load.hpp"
#include "lab/bench_plan.hpp"
#include "lab/bench_server.hpp"

namespace ringway::lab {

/// How a server is started.
struct server_command {
    std::vector<std::string> arguments;  ///< "{port}" in them becomes a port that is free.
    bool tells_port = false;             ///< It prints "port N" itself and takes any that is free.
    std::vector<std::string> environment;  ///< Further variables, "NAME=value".
    std::string configuration;  ///< Written before each start, with the port for "{port}".
    std::string configuration_file;
};

/// One of ours.
[[nodiscard]] server_command own_server(const bench_settings& settings,
                                        const server_options& options);

/// `ringway serve` of `directory` with one shard, or `shards`.
[[nodiscard]] server_command ringway_serve(const bench_settings& settings,
                                           const std::string& directory, unsigned shards = 1);

/// Runs the server on its core, the load on its own, and yields what the load measured. Both have
/// ended when it returns.
[[nodiscard]] outcome<measurement> measure_served(const trial& how, const server_command& server,
                                                  const load_options& load);

/// The same with a server on several cores and as many loads, one on each of `load_cores`, which
/// share `load.connections`. Rates are sums; percentiles are those of the load that has the
/// greatest.
[[nodiscard]] outcome<measurement> measure_scaled(const trial& how, const server_command& server,
                                                  const load_options& load,
                                                  std::span<const unsigned> server_cores,
                                                  std::span<const unsigned> load_cores);

/// What several loads of one server measured at the same time, as one.
[[nodiscard]] measurement merged(std::span<const measurement> parts);

/// A row of that.
[[nodiscard]] measured_row served_row(std::string test, std::string subject, server_command server,
                                      load_options load);

/// A row that only says why it is not measured.
[[nodiscard]] measured_row missing_row(std::string test, std::string subject, std::string reason,
                                       std::vector<claimed_value> claims = {});

/// "1 connection", "1,000 connections".
[[nodiscard]] std::string connections_text(unsigned count);

/// The settings' counts of connections, or `usual`; in --quick only those up to 1,000.
[[nodiscard]] std::vector<unsigned> connections_or(const bench_settings& settings,
                                                   std::vector<unsigned> usual);

/// Whether a program is installed.
[[nodiscard]] bool has_program(const std::string& name);

/// The settings' constant rates, or `usual`.
[[nodiscard]] std::vector<double> rates_or(const bench_settings& settings,
                                           const std::vector<double>& usual);

}  // namespace ringway::lab
