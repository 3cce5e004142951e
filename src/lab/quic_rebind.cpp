#include <chrono>
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
constexpr lab_time every = std::chrono::seconds{1};

struct variant {
    std::string name;
    std::string key;
    fetch_version version = fetch_version::http_3;
    nat_options nat;
};

std::vector<variant> all_variants() {
    const auto spare = network::spare_addresses(20);
    return {
        {"HTTP/3, nothing rewritten", "h3", fetch_version::http_3, {}},
        {"HTTP/3, new port, old one still open",
         "port_kept",
         fetch_version::http_3,
         {.port_every = every, .forgets = false}},
        {"HTTP/3, new port, old one forgotten",
         "port",
         fetch_version::http_3,
         {.port_every = every}},
        {"HTTP/3, new address, old one forgotten",
         "address",
         fetch_version::http_3,
         {.address_every = every, .addresses = spare}},
        {"HTTP/3, new address and port",
         "both",
         fetch_version::http_3,
         {.port_every = every, .address_every = every, .addresses = spare}},
        {"HTTP/2, new port (for comparison)",
         "h2_port",
         fetch_version::http_2,
         {.port_every = every, .tcp = true}},
    };
}

// All that has come so far: rates of several downloads would lie on top of each other.
line_series series_of(const std::string& name, const std::vector<std::uint64_t>& bytes) {
    line_series series{.name = name, .points = {{0, 0}}};
    double total = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        total += static_cast<double>(bytes[i]);
        series.points.emplace_back(static_cast<double>(i + 1) / 10, total / 1e6);
    }
    return series;
}

}  // namespace

outcome<report> measure_rebinding(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    const std::uint64_t bytes = settings.quick ? 20'000'000 : 100'000'000;
    if (auto added = in.add_file("big", bytes); !added) {
        return std::unexpected{added.error()};
    }
    const auto wanted = in.files().read("site/big");
    report found{.name = "rebind",
                 .title = fmt::format("{} MB at 50 Mbit/s and {} ms RTT, 2 shards; rewritten every "
                                      "second",
                                      bytes / 1'000'000, round_trip.count())};
    found.table.columns = {"what",       "bytes right",      "seconds",
                           "rebindings", "longest pause ms", "dropped as stale"};
    line_chart chart{.title = "Download while the client's port or address changes every second",
                     .x_label = "seconds",
                     .y_label = "MB that have reached the client"};
    for (const auto& one : all_variants()) {
        settings.tell("rebind: " + one.name);
        const bool quic = one.version == fetch_version::http_3;
        if (auto started = in.serve(quic); !started) {
            return std::unexpected{started.error()};
        }
        auto options = path_options::symmetric(round_trip, rate);
        options.nat = one.nat;
        options.seed = settings.seed;
        in.path().restart(options);
        fetch_request request{.version = one.version, .path = "big"};
        request.keep_body = true;
        request.limit = quic ? milliseconds{60'000} : milliseconds{20'000};
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
        const auto pause = std::chrono::duration<double, std::milli>{counted.gap_max}.count();
        found.table.rows.push_back(
            {one.name, right ? "yes" : "no", fmt::format("{:.2f}", got->total_ms / 1000),
             std::to_string(counted.path.nat.rebindings), fmt::format("{:.0f}", pause),
             std::to_string(counted.path.nat.dropped_stale)});
        found.data[one.key] = {{"right", right},
                               {"seconds", got->total_ms / 1000},
                               {"rebindings", counted.path.nat.rebindings},
                               {"pause_ms", pause},
                               {"stale", counted.path.nat.dropped_stale},
                               {"bytes", got->bytes}};
        const auto throughput = in.path().throughput();
        chart.series.push_back(series_of(one.name, quic ? throughput.udp : throughput.tcp));
    }
    in.stop_server();
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
