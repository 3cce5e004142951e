#include <chrono>
#include <fmt/core.h>
#include <string>
#include <thread>
#include <utility>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::milliseconds round_trip{20};

// The same packet from another port, as if another socket had sent it.
packet from_port(packet bytes, std::uint16_t port) {
    const auto facts = read_packet(bytes);
    if (facts && facts->protocol == transport_protocol::udp) {
        write_port(bytes, *facts, packet_end::source, port);
    }
    return bytes;
}

// Sends the flight again, `count` times from as many ports: the kernel spreads them over all
// shards.
void replay(world& in, const std::vector<packet>& flight, std::size_t count,
            const experiment_settings& settings) {
    auto deaf = path_options::symmetric(round_trip);
    deaf.down.drops = {*parse_drop_rule("down:1-")};  // Nobody is there to hear the answers.
    in.path().restart(deaf);
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 200 == 0) {
            settings.tell(fmt::format("replay: {} of {}", i, count));
        }
        for (const auto& bytes : flight) {
            in.path().inject(from_port(bytes, static_cast<std::uint16_t>(10'000 + i)));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    std::this_thread::sleep_for(std::chrono::seconds{1});  // For what is still being handled.
}

struct flight_found {
    std::vector<packet> packets;
    fetch_result result;
};

// Fetches the file with early data and keeps what the client sent before it heard anything.
outcome<flight_found> record_flight(world& in, const std::string& path) {
    in.path().restart(path_options::symmetric(round_trip));
    fetch_request early{};
    early.early_data = true;
    early.sessions = path;  // Of this server only: it has keys of its own.
    if (const auto primed = in.fetch(early); !primed || !primed->complete) {
        return std::unexpected{fmt::format("the first request, for a ticket: {}",
                                           primed ? primed->problem : primed.error())};
    }
    early.path = path;
    early.keep_body = true;
    in.path().record(64, true);
    auto got = in.fetch(early);
    if (!got) {
        return std::unexpected{got.error()};
    }
    auto packets = in.path().take_recording();
    std::this_thread::sleep_for(std::chrono::seconds{3});  // Until the server has forgotten it.
    return flight_found{std::move(packets), *std::move(got)};
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
    const auto count = settings.samples_or(1000, 100);
    report found{.name = "replay",
                 .title = fmt::format("a 0-RTT first flight, sent {} times more", count)};
    found.table.columns = {
        "shards",    "packets", "early data accepted", "replays", "answered by datagrams",
        "executions"};
    bar_chart chart{
        .title = fmt::format("Executions of a request that was replayed {} times", count),
        .y_label = "executions",
        .series = {{"", {}}}};
    for (const int shards : {1, 2, 4}) {
        const auto path = fmt::format("replayed-{}", shards);
        if (auto added = in.add_file(path, 2000); !added) {
            return std::unexpected{added.error()};
        }
        if (auto started = in.serve(true, {"--shards", std::to_string(shards)}); !started) {
            return std::unexpected{started.error()};
        }
        const auto flight = record_flight(in, path);
        if (!flight) {
            return std::unexpected{flight.error()};
        }
        if (!flight->result.complete) {
            return std::unexpected{flight->result.problem};
        }
        if (!flight->result.early) {
            found.notes.push_back(fmt::format(
                "{} shards: the server has not accepted early data: there was nothing to replay",
                shards));
        }
        replay(in, flight->packets, count, settings);
        const auto answers = in.path().counters().path.down.datagrams_in;
        in.stop_server();
        const auto executions = in.logged("/" + path);
        found.table.rows.push_back({std::to_string(shards), std::to_string(flight->packets.size()),
                                    flight->result.early ? "yes" : "no", std::to_string(count),
                                    std::to_string(answers), std::to_string(executions)});
        chart.groups.push_back(fmt::format("{} shards", shards));
        chart.series[0].values.push_back(static_cast<double>(executions));
        found.data[std::to_string(shards)] = {{"packets", flight->packets.size()},
                                              {"early", flight->result.early},
                                              {"replays", count},
                                              {"answers", answers},
                                              {"executions", executions}};
    }
    found.notes.emplace_back(
        "One execution is the client's own. Each replay came from a port of its own, after that "
        "connection had ended.");
    found.notes.emplace_back(
        "A replay names the same connection id as the one before: a shard takes it for a repeated "
        "packet while it knows that. Datagrams that answer show how many began anew.");
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
