#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"
#include "lab/samples.hpp"

// Round trips of single datagrams between two sockets, without any server: what the relay adds to
// the delay it was asked for.
namespace ringway::lab {
namespace {

using clock_type = std::chrono::steady_clock;

outcome<unique_fd> bound_socket(world& in, side at, const char* address) {
    auto made = in.net().socket(at, AF_INET, SOCK_DGRAM);
    if (!made) {
        return made;
    }
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(7);
    ::inet_pton(AF_INET, address, &here.sin_addr);
    if (::bind(made->get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
        return std::unexpected{std::string{"can't bind a socket in a namespace"}};
    }
    return made;
}

// Sends what comes to `from` on to `to`; false if nothing comes for a second.
bool pass(int from, sockaddr_in to) {
    std::array<char, 64> bytes{};
    pollfd ready{from, POLLIN, 0};
    if (::poll(&ready, 1, 1000) != 1) {
        return false;
    }
    const auto size = ::recv(from, bytes.data(), bytes.size(), 0);
    return size > 0 && ::sendto(from, bytes.data(), static_cast<std::size_t>(size), 0,
                                reinterpret_cast<const sockaddr*>(&to), sizeof to) == size;
}

}  // namespace

outcome<report> measure_relay(world& in, const experiment_settings& settings) {
    constexpr std::chrono::milliseconds round_trip{50};
    auto client = bound_socket(in, side::client, network::client_v4);
    auto server = bound_socket(in, side::server, network::server_v4);
    if (!client || !server) {
        return std::unexpected{client ? server.error() : client.error()};
    }
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(7);
    ::inet_pton(AF_INET, network::server_v4, &there.sin_addr);
    sockaddr_in back = there;
    ::inet_pton(AF_INET, network::client_v4, &back.sin_addr);

    in.path().restart(path_options::symmetric(round_trip));
    samples added;
    const auto count = settings.samples_or(400, 40);
    for (std::size_t i = 0; i < count; ++i) {
        const auto began = clock_type::now();
        ::sendto(client->get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there);
        if (!pass(server->get(), back)) {
            return std::unexpected{std::string{"a datagram has got lost on a path without loss"}};
        }
        pollfd ready{client->get(), POLLIN, 0};
        if (::poll(&ready, 1, 1000) != 1) {
            return std::unexpected{std::string{"a datagram has got lost on a path without loss"}};
        }
        const std::chrono::duration<double, std::micro> took = clock_type::now() - began;
        char byte = 0;
        static_cast<void>(::recv(client->get(), &byte, 1, 0));
        added.add(took.count() - 50'000);
    }
    const auto counted = in.path().counters();
    const auto lateness = [](lab_time time) {
        return std::chrono::duration<double, std::micro>{time}.count();
    };
    report found{
        .name = "relay",
        .title = fmt::format("what the relay adds to {} ms, in microseconds", round_trip.count())};
    found.table.columns = {"what", "n", "median", "p95", "p99", "max"};
    found.table.rows.push_back(
        {"round trip of a datagram, beyond 50 ms", std::to_string(count),
         fmt::format("{:.0f}", added.median()), fmt::format("{:.0f}", added.quantile(0.95)),
         fmt::format("{:.0f}", added.quantile(0.99)), fmt::format("{:.0f}", added.max())});
    found.table.rows.push_back({"packets left later than due",
                                std::to_string(counted.lateness.packets),
                                fmt::format("{:.0f}", lateness(counted.lateness.median)), "-",
                                fmt::format("{:.0f}", lateness(counted.lateness.p99)),
                                fmt::format("{:.0f}", lateness(counted.lateness.max))});
    found.notes.push_back(in.path().is_realtime()
                              ? "The relay's thread has real-time priority."
                              : "The relay's thread has no real-time priority (only root may): "
                                "on a busy machine it is late more often.");
    found.data["added_us"] = added.values();
    found.charts.emplace_back(
        "", draw(line_chart{.title = "What the relay adds to a round trip of 50 ms",
                            .x_label = "microseconds",
                            .y_label = "share of round trips",
                            .series = {{"added", added.distribution()}}}));
    return found;
}

}  // namespace ringway::lab
