#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"
#include "lab/probe.hpp"
#include "lab/samples.hpp"

namespace ringway::lab {
namespace {

using http::client_version;
using std::chrono::milliseconds;

constexpr milliseconds round_trip{50};
constexpr milliseconds warm_up{1500};

struct probes_found {
    samples latency;
    std::uint64_t failed = 0;
    std::string problem;
};

// One run of the client with one connection; `drop` and `loss` are of the way to the client.
outcome<probes_found> probe_once(world& in, client_version version, std::uint64_t count,
                                 milliseconds pause, const path_options& path) {
    const auto url = [](std::string_view name) {
        return fmt::format("https://{}:{}/{}", network::server_v4, world::port, name);
    };
    const probe_options options{.version = version,
                                .trust_file = in.files().at("cert.pem"),
                                .bulk_url = url("stream"),
                                .probe_url = url("1k"),
                                .warm_up = warm_up,
                                .interval = pause,
                                .count = count};
    std::vector<std::string> arguments{in.options().ringway, "--lab-probe"};
    std::ranges::copy(to_arguments(options), std::back_inserter(arguments));
    in.path().restart(path);
    const auto ended = run_program(in.net(), side::client, arguments,
                                   warm_up + pause * count + milliseconds{60'000});
    if (!ended) {
        return std::unexpected{ended.error()};
    }
    const auto told = nlohmann::json::parse(ended->output, nullptr, false);
    if (!told.is_object() || !told.contains("probe_ms")) {
        return std::unexpected{fmt::format("the client said: {}{}", ended->output, ended->errors)};
    }
    probes_found found{.failed = told.value("failed", std::uint64_t{0}),
                       .problem = told.value("problem", std::string{})};
    for (const auto& value : told["probe_ms"]) {
        found.latency.add(value.get<double>());
    }
    return found;
}

// One packet of the large response is dropped, in each run another one: how much later than the
// usual small response was the latest?
outcome<samples> single_drops(world& in, client_version version,
                              const experiment_settings& settings) {
    samples extra;
    const auto runs = settings.samples_or(20, 3);
    for (std::size_t i = 0; i < runs; ++i) {
        settings.tell(fmt::format("hol: one drop, HTTP/{}, {} of {}",
                                  version == client_version::http_3 ? 3 : 2, i, runs));
        auto path = path_options::symmetric(round_trip);
        // At least 1,100 bytes: a packet of the large response, not one with a small one's head.
        auto rule = *parse_drop_rule(fmt::format("down:>=1100:{}", 3 + i * 7));
        rule.after = warm_up + milliseconds{700};
        path.down.drops = {rule};
        const auto found = probe_once(in, version, 60, milliseconds{25}, path);
        if (!found) {
            return std::unexpected{found.error()};
        }
        if (found->latency.count() == 0) {
            return std::unexpected{found->problem};
        }
        if (in.path().counters().path.down.dropped_by_list == 1) {
            extra.add(found->latency.max() - found->latency.median());
        }
    }
    return extra;
}

outcome<probes_found> random_loss(world& in, client_version version, double loss,
                                  const experiment_settings& settings) {
    auto path = path_options::symmetric(round_trip);
    path.down.loss = loss_options::independent(loss);
    path.seed = settings.seed;
    return probe_once(in, version, settings.quick ? 200 : 1000, milliseconds{10}, path);
}

std::string ms_text(double value) { return fmt::format("{:.1f}", value); }

struct blocking_tables {
    report found;
    line_chart spread{.title = "Small responses beside a large one at 50 ms RTT and 2 % loss",
                      .x_label = "milliseconds",
                      .y_label = "share of small responses"};
};

outcome<void> measure_version(world& in, client_version version, const std::string& name,
                              const experiment_settings& settings, blocking_tables& into) {
    if (auto started = in.serve(version == client_version::http_3); !started) {
        return std::unexpected{started.error()};
    }
    const auto single = single_drops(in, version, settings);
    if (!single) {
        return std::unexpected{single.error()};
    }
    into.found.table.rows.push_back({name, "one packet", std::to_string(single->count()),
                                     ms_text(single->median()), "-", ms_text(single->max())});
    auto& data = into.found.data[name];
    data["one_packet_extra_ms"] = single->values();
    const auto losses =
        settings.quick ? std::vector<double>{0, 0.02} : std::vector<double>{0, 0.01, 0.02, 0.05};
    for (const double loss : losses) {
        settings.tell(fmt::format("hol: {}, {:g} % loss", name, loss * 100));
        const auto found = random_loss(in, version, loss, settings);
        if (!found) {
            return std::unexpected{found.error()};
        }
        const auto label = fmt::format("{:g} % loss", loss * 100);
        into.found.table.rows.push_back(
            {name, label, std::to_string(found->latency.count()), ms_text(found->latency.median()),
             ms_text(found->latency.quantile(0.99)), ms_text(found->latency.max())});
        data[label] = found->latency.values();
        if (found->failed > 0) {
            into.found.notes.push_back(fmt::format("{}, {}: {} small requests failed: {}", name,
                                                   label, found->failed, found->problem));
        }
        if (loss == 0.02) {
            into.spread.series.push_back({name, found->latency.distribution()});
        }
    }
    in.stop_server();
    return {};
}

}  // namespace

outcome<report> measure_blocking(world& in, const experiment_settings& settings) {
    if (!in.options().quic_server.empty() || !in.options().quic_client.empty()) {
        return std::unexpected{std::string{"this needs our own server and client"}};
    }
    if (auto added = in.add_file("stream", 64'000'000); !added) {
        return std::unexpected{added.error()};
    }
    blocking_tables made;
    made.found.name = "hol";
    made.found.title = fmt::format(
        "1 KiB responses beside a large one (1 MB/s) on one connection at {} ms RTT, in ms",
        round_trip.count());
    made.found.table.columns = {"version", "what", "n", "median", "p99", "max"};
    if (auto done = measure_version(in, client_version::http_2, "HTTP/2", settings, made); !done) {
        return std::unexpected{done.error()};
    }
    if (const auto why = in.why_no_quic(); !why.empty()) {
        made.found.notes.push_back("HTTP/3: not measured: " + why);
    } else if (auto h3 = measure_version(in, client_version::http_3, "HTTP/3", settings, made);
               !h3) {
        made.found.notes.push_back("HTTP/3: " + h3.error());
    }
    made.found.notes.emplace_back(
        "One packet: of the large response, dropped once in each run. The figures are by how much "
        "the latest small response of a run was later than its usual one.");
    made.found.charts = {{"", draw(made.spread)}};
    return std::move(made.found);
}

}  // namespace ringway::lab
