#include "lab/served_rows.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/net/listener.hpp>

#include "lab/load_sockets.hpp"
#include "lab/process.hpp"
#include "lab/program_versions.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::seconds start_patience{15};
constexpr std::chrono::milliseconds start_step{5};
constexpr std::chrono::seconds load_patience{60};    // Beside the measurement: for connecting.
constexpr std::chrono::milliseconds load_step{100};  // Between two looks for the user's wish.
constexpr std::string_view port_place = "{port}";

std::optional<std::uint16_t> told_port(const std::string& output) {
    constexpr std::string_view before = "port ";
    const auto end = output.find('\n');
    if (end == std::string::npos || !output.starts_with(before)) {
        return std::nullopt;
    }
    std::uint16_t port = 0;
    std::from_chars(output.data() + before.size(), output.data() + end, port);
    return port == 0 ? std::nullopt : std::optional{port};
}

outcome<std::uint16_t> free_port() {
    const auto probe = open_listener(endpoint::loopback(0));
    const auto where = probe ? local_endpoint(probe->get()) : std::unexpected{probe.error()};
    if (!where) {
        return std::unexpected{fmt::format("no free port: {}", describe(where.error()))};
    }
    return where->port();
}

std::string how_it_ended(const process& server, const server_command& command, int status) {
    return fmt::format("{} ended with status {}: {}", command.arguments.front(), status,
                       server.errors());
}

// From when it accepts connections. A server that has died never will.
outcome<std::uint16_t> wait_for_port(process& server, const server_command& command,
                                     std::uint16_t chosen) {
    const auto deadline = std::chrono::steady_clock::now() + start_patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (command.tells_port) {
            if (const auto port = told_port(server.output())) {
                return *port;
            }
        } else if (open_load_sockets(chosen, 1)) {
            return chosen;
        }
        if (const auto ended = server.wait(start_step)) {
            return std::unexpected{how_it_ended(server, command, *ended)};
        }
    }
    return std::unexpected{
        fmt::format("{} does not listen: {}", command.arguments.front(), server.errors())};
}

void put_port(std::vector<std::string>& arguments, std::uint16_t port) {
    for (auto& argument : arguments) {
        if (const auto at = argument.find(port_place); at != std::string::npos) {
            argument.replace(at, port_place.size(), fmt::to_string(port));
        }
    }
}

outcome<process> start_load(const trial& how, const load_options& load, unsigned core) {
    std::vector<std::string> arguments{how.settings.program, "--lab-load"};
    std::ranges::move(to_arguments(load), std::back_inserter(arguments));
    return process::start_on({.cores = {core}}, arguments);
}

outcome<measurement> finish_load(const trial& how, process& running, const load_options& load) {
    const std::chrono::duration<double> measuring{load.seconds + load.warm_up};
    const auto deadline = std::chrono::steady_clock::now() + load_patience + measuring;
    auto status = running.wait(load_step);
    while (!status && std::chrono::steady_clock::now() < deadline && !how.settings.ends()) {
        status = running.wait(load_step);
    }
    if (!status) {
        return std::unexpected{status.error()};
    }
    if (*status != 0) {
        return std::unexpected{
            fmt::format("the load generator ended with {}: {}", *status, running.errors())};
    }
    return read_line(running.output());
}

bool write_configuration(const server_command& command, std::uint16_t port) {
    if (command.configuration_file.empty()) {
        return true;
    }
    std::vector<std::string> text{command.configuration};
    put_port(text, port);
    std::ofstream file{command.configuration_file, std::ios::trunc};
    file << text[0];
    file.close();
    return !file.fail();
}

outcome<measurement> run_loads(const trial& how, const load_options& load,
                               std::span<const unsigned> cores) {
    std::vector<process> running;
    for (const auto core : cores) {
        auto part = load;
        part.connections = std::max<std::uint64_t>(load.connections / cores.size(), 1);
        auto started = start_load(how, part, core);
        if (!started) {
            return std::unexpected{started.error()};
        }
        running.push_back(*std::move(started));
    }
    std::vector<measurement> parts;
    for (auto& each : running) {
        auto part = finish_load(how, each, load);
        if (!part || running.size() == 1) {
            return part;
        }
        parts.push_back(*std::move(part));
    }
    return merged(parts);
}

}  // namespace

server_command own_server(const bench_settings& settings, const server_options& options) {
    server_command made{.arguments = {settings.program, "--lab-server"}, .tells_port = true};
    std::ranges::move(to_arguments(options), std::back_inserter(made.arguments));
    return made;
}

server_command ringway_serve(const bench_settings& settings, const std::string& directory,
                             unsigned shards) {
    return {.arguments = {settings.program, "serve", directory, "--listen", "127.0.0.1:{port}",
                          "--shards", fmt::to_string(shards)},
            .environment = {}};
}

outcome<measurement> measure_served(const trial& how, const server_command& server,
                                    const load_options& load) {
    return measure_scaled(how, server, load, {&how.settings.server_core, 1},
                          {&how.settings.load_core, 1});
}

outcome<measurement> measure_scaled(const trial& how, const server_command& server,
                                    const load_options& load,
                                    std::span<const unsigned> server_cores,
                                    std::span<const unsigned> load_cores) {
    RW_ASSERT(!server_cores.empty() && !load_cores.empty());
    auto arguments = server.arguments;
    std::uint16_t chosen = 0;
    if (!server.tells_port) {
        const auto port = free_port();
        if (!port) {
            return std::unexpected{port.error()};
        }
        chosen = *port;
        put_port(arguments, chosen);
        if (!write_configuration(server, chosen)) {
            return std::unexpected{fmt::format("can't write {}", server.configuration_file)};
        }
    }
    auto running = process::start_on(
        {.cores = {server_cores.begin(), server_cores.end()}, .environment = server.environment},
        arguments);
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto port = wait_for_port(*running, server, chosen);
    if (!port) {
        return std::unexpected{port.error()};
    }
    auto each = load;
    each.port = *port;
    each.server = running->id();
    each.seconds = how.seconds;
    each.spin = std::ranges::find_first_of(load_cores, server_cores) == load_cores.end();
    each.count_syscalls = how.counting && load_cores.size() == 1;  // Else each would count all.
    auto measured = run_loads(how, each, load_cores);
    if (measured) {
        return measured;
    }
    // A server that has died says more about it than the load that it refused.
    const auto ended = running->wait(start_step);
    return std::unexpected{ended ? how_it_ended(*running, server, *ended) : measured.error()};
}

measurement merged(std::span<const measurement> parts) {
    measurement all;
    const auto sum = [&parts](metric what) {
        double value = 0;
        for (const auto& part : parts) {
            value += part.get(what);
        }
        return value;
    };
    for (const auto what : {metric::rate, metric::bytes, metric::load}) {
        all.set(what, sum(what));
    }
    all.set(metric::load, sum(metric::load) / static_cast<double>(parts.size()));
    for (const auto what : {metric::p50, metric::p99, metric::p999, metric::busy}) {
        double most = 0;
        for (const auto& part : parts) {
            most = std::max(most, part.get(what));
        }
        all.set(what, most);
    }
    for (const auto& part : parts) {
        all.operations += part.operations;
        all.failed += part.failed;
        all.remark = part.remark.empty() ? all.remark : part.remark;
    }
    all.set(metric::cpu, all.get(metric::busy) / 100 * 1e6 / all.get(metric::rate));
    return all;
}

measured_row served_row(std::string test, std::string subject, server_command server,
                        load_options load) {
    return {.test = std::move(test),
            .subject = std::move(subject),
            .measure = [server = std::move(server), load = std::move(load)](const trial& how) {
                return measure_served(how, server, load);
            }};
}

measured_row missing_row(std::string test, std::string subject, std::string reason,
                         std::vector<claimed_value> claims) {
    return {.test = std::move(test),
            .subject = std::move(subject),
            .measure = nullptr,
            .not_measured = std::move(reason),
            .claims = std::move(claims)};
}

std::string connections_text(unsigned count) {
    auto digits = fmt::to_string(count);
    if (digits.size() > 3) {
        digits.insert(digits.size() - 3, ",");
    }
    return fmt::format("{} connection{}", digits, count == 1 ? "" : "s");
}

std::vector<unsigned> connections_or(const bench_settings& settings, std::vector<unsigned> usual) {
    constexpr unsigned quick_max = 1000;
    if (!settings.connections.empty()) {
        return settings.connections;
    }
    if (settings.quick) {
        std::erase_if(usual, [](unsigned count) { return count > quick_max; });
    }
    return usual;
}

bool has_program(const std::string& name) { return !find_program(name).empty(); }

std::vector<double> rates_or(const bench_settings& settings, const std::vector<double>& usual) {
    return settings.rates.empty() ? usual : settings.rates;
}

}  // namespace ringway::lab
