#include <chrono>
#include <cstdint>
#include <fmt/core.h>
#include <string>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds round_trip{30};
constexpr std::uint64_t rate = 50'000'000;

struct variant {
    std::string name;
    std::string key;
    std::vector<std::string> more;  // For the client.
    std::uint64_t moves = 0;        // That these ask for.
    bool preferred = false;         // The server wants to be at its second address.
};

std::vector<std::string> moves(int count) {
    std::vector<std::string> options;
    for (int i = 0; i < count; ++i) {
        options.emplace_back("--migrate");
        options.emplace_back(i % 2 == 0 ? network::client_second_v4 : network::client_v4);
    }
    return options;
}

std::vector<variant> all_variants(const world& in) {
    if (!in.options().quic_client.empty()) {
        // It moves to another port of the same address, once.
        return {{"stays", "none", {}}, {"moves once", "once", {"--change-local-addr=1s"}, 1}};
    }
    std::vector<variant> all{{"stays", "none", {}},
                             {"moves once", "once", moves(1), 1},
                             {"moves there and back", "back", moves(2), 2},
                             {"moves 10 times", "ten", moves(10), 10}};
    if (in.options().quic_server.empty() && in.has_option("serve", "preferred-address")) {
        all.push_back({"follows to the server's preferred address", "preferred", {}, 0, true});
    }
    return all;
}

// All that has come so far: rates of several downloads would lie on top of each other.
line_series series_of(const std::string& name, const std::vector<std::uint64_t>& bytes) {
    line_series series{.name = name, .points = {{0, 0}}};
    double total = 0;
    for (const auto part : bytes) {
        total += static_cast<double>(part);
        series.points.emplace_back(static_cast<double>(series.points.size()) / 10, total / 1e6);
    }
    return series;
}

}  // namespace

outcome<report> measure_migration(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    if (in.options().quic_client.empty() && !in.has_option("get", "migrate")) {
        return std::unexpected{std::string{"ringway get has no --migrate"}};
    }
    const std::uint64_t bytes = settings.quick ? 20'000'000 : 60'000'000;
    if (auto added = in.add_file("long", bytes); !added) {
        return std::unexpected{added.error()};
    }
    const auto wanted = in.files().read("site/long");
    report found{.name = "migration",
                 .title = fmt::format("{} MB at 50 Mbit/s and {} ms RTT while the client moves "
                                      "between two addresses, 2 shards",
                                      bytes / 1'000'000, round_trip.count())};
    found.table.columns = {"what", "bytes right", "seconds", "moves seen", "longest pause ms"};
    line_chart chart{.title = "Download while the client moves",
                     .x_label = "seconds",
                     .y_label = "MB that have reached the client"};
    for (const auto& one : all_variants(in)) {
        settings.tell("migration: " + one.name);
        const auto preferred = fmt::format("{}:{}", network::server_second_v4, world::port);
        if (auto started = in.serve(
                true, one.preferred ? std::vector<std::string>{"--preferred-address", preferred}
                                    : std::vector<std::string>{});
            !started) {
            found.notes.push_back(fmt::format("{}: {}", one.name, started.error()));
            continue;
        }
        in.path().restart(path_options::symmetric(round_trip, rate));
        fetch_request request{.path = "long", .more = one.more};
        request.keep_body = true;
        request.limit = milliseconds{40'000};
        const auto got = in.fetch(request);
        if (!got) {
            return std::unexpected{got.error()};
        }
        const auto counted = in.path().counters();
        const bool right = got->complete && got->body == wanted;
        if (!right) {
            found.notes.push_back(
                fmt::format("{}: {} of {} bytes: {}", one.name, got->bytes, bytes, got->problem));
        }
        if (counted.client_moves < one.moves) {
            found.notes.push_back(
                fmt::format("{}: {} of {} moves were seen on the path: this says "
                            "nothing about migration",
                            one.name, counted.client_moves, one.moves));
        }
        const auto pause = std::chrono::duration<double, std::milli>{counted.gap_max}.count();
        found.table.rows.push_back(
            {one.name, right ? "yes" : "no", fmt::format("{:.2f}", got->total_ms / 1000),
             std::to_string(counted.client_moves), fmt::format("{:.0f}", pause)});
        found.data[one.key] = {{"right", right},
                               {"seconds", got->total_ms / 1000},
                               {"moves", counted.client_moves},
                               {"pause_ms", pause}};
        chart.series.push_back(series_of(one.name, in.path().throughput().udp));
    }
    in.stop_server();
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
