#include "lab/served_rows.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

#include <ringway/net/listener.hpp>

#include "lab/load_sockets.hpp"
#include "lab/process.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::seconds start_patience{15};
constexpr std::chrono::milliseconds start_step{5};
constexpr std::chrono::seconds load_patience{60};  // Beside the measurement: for connecting.
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
            return std::unexpected{fmt::format("{} ended with status {}: {}",
                                               command.arguments.front(), *ended, server.errors())};
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

outcome<measurement> run_load_process(const trial& how, const load_options& load) {
    std::vector<std::string> arguments{how.settings.program, "--lab-load"};
    std::ranges::move(to_arguments(load), std::back_inserter(arguments));
    auto running = process::start_on(how.settings.load_core, arguments);
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto limit =
        load_patience +
        std::chrono::milliseconds{static_cast<std::int64_t>((load.seconds + load.warm_up) * 1000)};
    const auto status = running->wait(limit);
    if (!status) {
        return std::unexpected{status.error()};
    }
    if (*status != 0) {
        return std::unexpected{
            fmt::format("the load generator ended with {}: {}", *status, running->errors())};
    }
    return read_line(running->output());
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
                          "--shards", fmt::to_string(shards)}};
}

outcome<measurement> measure_served(const trial& how, const server_command& server,
                                    load_options load) {
    auto arguments = server.arguments;
    std::uint16_t chosen = 0;
    if (!server.tells_port) {
        const auto port = free_port();
        if (!port) {
            return std::unexpected{port.error()};
        }
        chosen = *port;
        put_port(arguments, chosen);
    }
    auto running = process::start_on(how.settings.server_core, arguments);
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto port = wait_for_port(*running, server, chosen);
    if (!port) {
        return std::unexpected{port.error()};
    }
    load.port = *port;
    load.server = running->id();
    load.seconds = how.seconds;
    load.count_syscalls = how.counting;
    return run_load_process(how, load);
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

bool has_program(const std::string& name) {
    const auto* const path = std::getenv("PATH");
    const auto places = std::string{path == nullptr ? "" : path} + ":/usr/sbin:/sbin";
    std::string_view rest = places;
    while (!rest.empty()) {
        const auto place = rest.substr(0, rest.find(':'));
        if (::access(fmt::format("{}/{}", place, name).c_str(), X_OK) == 0) {
            return true;
        }
        rest.remove_prefix(std::min(place.size() + 1, rest.size()));
    }
    return false;
}

}  // namespace ringway::lab
