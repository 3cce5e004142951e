#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::milliseconds round_trip{20};
constexpr std::uint16_t admin_port = 9901;
constexpr std::size_t flights_usual = 40;
constexpr std::size_t flights_quick = 5;

// The same packet from another port, as if another socket had sent it.
packet from_port(packet bytes, std::uint16_t port) {
    const auto facts = read_packet(bytes);
    if (facts && facts->protocol == transport_protocol::udp) {
        write_port(bytes, *facts, packet_end::source, port);
    }
    return bytes;
}

// Sends each flight again from `ports` ports: the kernel spreads them over all shards, and each
// shard that has none of that connection begins one. To the next copy that is a repeated packet, so
// flights take turns.
void replay(world& in, const std::vector<std::vector<packet>>& flights, std::size_t ports,
            const experiment_settings& settings) {
    auto deaf = path_options::symmetric(round_trip);
    deaf.down.drops = {*parse_drop_rule("down:1-")};  // Nobody is there to hear the answers.
    in.path().restart(deaf);
    for (std::size_t i = 0; i < ports; ++i) {
        settings.tell(fmt::format("replay: {} of {}", i * flights.size(), ports * flights.size()));
        for (std::size_t which = 0; which < flights.size(); ++which) {
            const auto port = static_cast<std::uint16_t>(10'000 + i * flights.size() + which);
            for (const auto& bytes : flights[which]) {
                in.path().inject(from_port(bytes, port));
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
    std::this_thread::sleep_for(std::chrono::seconds{1});  // For what is still being handled.
}

// What the server counts of a metric, by its whole name; nothing if it does not say.
std::optional<std::uint64_t> ask_metric(world& in, const std::string& name) {
    const auto ended = run_program(in.net(), side::server,
                                   {in.options().ringway, "get", "--quiet", "--output", "-",
                                    fmt::format("http://127.0.0.1:{}/metrics", admin_port)},
                                   std::chrono::seconds{10});
    const auto at = ended ? ended->output.find("\n" + name + " ") : std::string::npos;
    if (at == std::string::npos) {
        return std::nullopt;
    }
    return std::strtoull(ended->output.c_str() + at + name.size() + 2, nullptr, 10);
}

struct replay_tables {
    report found;
    bar_chart chart;
};

struct flights_found {
    std::vector<std::vector<packet>> flights;
    std::size_t executions = 0;  // The clients' own.
};

// Fetches the file with early data, each time by a new connection with a ticket of its own, and
// keeps what the client sent before it heard anything. A client that has all that it wanted may be
// gone before the next ticket comes: then its successor has none, and its flight is of no use.
outcome<flights_found> record_flights(world& in, const std::string& path, std::size_t count) {
    flights_found found;
    in.path().restart(path_options::symmetric(round_trip));
    fetch_request early{};
    early.early_data = true;
    early.sessions = path;  // Of this server only: it has keys of its own.
    if (const auto primed = in.fetch(early); !primed || !primed->complete) {
        return std::unexpected{fmt::format("the first request, for a ticket: {}",
                                           primed ? primed->problem : primed.error())};
    }
    early.path = path;
    for (std::size_t i = 0; i < 3 * count && found.flights.size() < count; ++i) {
        in.path().record(64, true);
        const auto got = in.fetch(early);
        if (!got || !got->complete) {
            return std::unexpected{got ? got->problem : got.error()};
        }
        auto flight = in.path().take_recording();
        if (got->early) {
            found.flights.push_back(std::move(flight));
        }
        ++found.executions;
    }
    std::this_thread::sleep_for(std::chrono::seconds{3});  // Until the server has forgotten them.
    return found;
}

// The same with a server of so many shards.
outcome<void> measure_shards(world& in, int shards, std::size_t count, std::size_t ports,
                             const experiment_settings& settings, replay_tables& into) {
    const auto path = fmt::format("replayed-{}", shards);
    if (auto added = in.add_file(path, 2000); !added) {
        return std::unexpected{added.error()};
    }
    if (auto started = in.serve(true, {"--shards", std::to_string(shards), "--admin",
                                       fmt::format("127.0.0.1:{}", admin_port)});
        !started) {
        return std::unexpected{started.error()};
    }
    const auto recorded = record_flights(in, path, count);
    if (!recorded) {
        return std::unexpected{recorded.error()};
    }
    if (recorded->flights.empty()) {
        into.found.notes.push_back(
            fmt::format("{} shards: the server has accepted no early data: there was nothing "
                        "to replay",
                        shards));
    }
    replay(in, recorded->flights, ports, settings);
    const auto refused = ask_metric(in, "ringway_quic_early_data_total{result=\"refused\"}");
    in.stop_server();
    const auto executions = in.logged("/" + path);
    const auto flights = recorded->flights.size();
    const auto sent = ports * flights;
    const auto beyond =
        static_cast<std::int64_t>(executions) - static_cast<std::int64_t>(recorded->executions);
    into.found.table.rows.push_back(
        {std::to_string(shards), std::to_string(flights), std::to_string(sent),
         refused ? std::to_string(*refused) : "-",
         refused ? std::to_string(sent - std::min<std::uint64_t>(*refused, sent)) : "-",
         std::to_string(executions), std::to_string(beyond)});
    into.chart.groups.push_back(fmt::format("{} shards", shards));
    into.chart.series[0].values.push_back(static_cast<double>(beyond));
    into.found.data[std::to_string(shards)] = {{"flights", flights},
                                               {"replays", sent},
                                               {"refused_by_register", refused.value_or(0)},
                                               {"executions", executions},
                                               {"beyond", beyond}};
    return {};
}

}  // namespace

outcome<report> measure_replay(world& in, const experiment_settings& settings) {
    if (!in.options().quic_server.empty()) {
        return std::unexpected{
            std::string{"replays are counted in the access log of ringway serve; "
                        "other servers are not understood"}};
    }
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    const auto replays = settings.samples_or(1000, 100);
    const auto count = std::min(settings.quick ? flights_quick : flights_usual, replays);
    const auto ports = replays / count;
    replay_tables made;
    made.found = {
        .name = "replay",
        .title = fmt::format("{} 0-RTT first flights, each sent {} times more", count, ports)};
    made.found.table.columns = {"shards",
                                "flights",
                                "replays",
                                "register",
                                "repeated",
                                "executions",
                                "beyond the clients' own"};
    made.chart = {.title = fmt::format("Executions by replays: {} early requests, {} times each",
                                       count, ports),
                  .y_label = "executions",
                  .series = {{"", {}}}};
    for (const int shards : {1, 2, 4}) {
        if (auto done = measure_shards(in, shards, count, ports, settings, made); !done) {
            return std::unexpected{done.error()};
        }
    }
    made.found.notes.emplace_back(
        "Each replay came from a port of its own, after the client's connection had ended.");
    made.found.notes.emplace_back(
        "register: replays with which a shard began a connection, and of which the strike register "
        "refused the early data. repeated: the others, which name a connection id that the shard "
        "has begun for an earlier copy, and are packets of that connection to it. Early data is "
        "sealed together with its connection id, so an attacker can't choose another one.");
    made.found.charts = {{"", draw(made.chart)}};
    return std::move(made.found);
}

}  // namespace ringway::lab
