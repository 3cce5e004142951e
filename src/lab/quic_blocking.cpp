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

struct probes_found {
    samples latency;
    std::vector<double> began_ms;  // In the order of their ends, as `in_order`.
    std::vector<double> in_order;
    std::uint64_t bulk_bytes = 0;  // Of the large response, in all of the run.
    double seconds = 0;
    std::uint64_t failed = 0;
    std::string problem;
};

struct pace {
    milliseconds warm_up{1500};
    milliseconds small{10};    // Between two small requests.
    milliseconds larger{100};  // Between two larger ones.
    std::uint64_t count = 0;   // Of small ones.
};

// One run of the client with one connection.
outcome<probes_found> probe_once(world& in, client_version version, const pace& how,
                                 const path_options& path) {
    const auto url = [](std::string_view name) {
        return fmt::format("https://{}:{}/{}", network::server_v4, world::port, name);
    };
    const probe_options options{.version = version,
                                .trust_file = in.files().at("cert.pem"),
                                .bulk_url = url("10k"),
                                .probe_url = url("1k"),
                                .warm_up = how.warm_up,
                                .interval = how.small,
                                .count = how.count,
                                .bulk_interval = how.larger};
    std::vector<std::string> arguments{in.options().ringway, "--lab-probe"};
    std::ranges::copy(to_arguments(options), std::back_inserter(arguments));
    in.path().restart(path);
    const auto ended = run_program(in.net(), side::client, arguments,
                                   how.warm_up + how.small * how.count + milliseconds{60'000});
    if (!ended) {
        return std::unexpected{ended.error()};
    }
    const auto told = nlohmann::json::parse(ended->output, nullptr, false);
    if (!told.is_object() || !told.contains("probe_ms")) {
        return std::unexpected{fmt::format("the client said: {}{}", ended->output, ended->errors)};
    }
    probes_found found{.bulk_bytes = told.value("bulk_bytes", std::uint64_t{0}),
                       .seconds = told.value("seconds", 0.0),
                       .failed = told.value("failed", std::uint64_t{0}),
                       .problem = told.value("problem", std::string{})};
    for (const auto& value : told["probe_ms"]) {
        found.latency.add(value.get<double>());
        found.in_order.push_back(value.get<double>());
    }
    found.began_ms = told.value("began_ms", std::vector<double>{});
    return found;
}

// By how much small responses were later than the usual one of their run.
struct extra_found {
    samples meanwhile;   // Of those that were sent while the lost packet was missing, the latest.
    samples afterwards;  // Of all others, the latest: the window is smaller then.
};

// The lost packet is missing for a round trip, until the server hears of it. What was asked for
// half a round trip earlier is answered in that time.
void add_extra(const probes_found& found, double dropped_at_ms, extra_found& into) {
    const double half = milliseconds{round_trip}.count() / 2.0;
    const double usual = found.latency.median();
    double meanwhile = -usual;
    double afterwards = -usual;
    for (std::size_t i = 0; i < std::min(found.in_order.size(), found.began_ms.size()); ++i) {
        const double answered = found.began_ms[i] + half - dropped_at_ms;
        const bool missing = answered >= 0 && answered < 2 * half;
        double& latest = missing ? meanwhile : afterwards;
        latest = std::max(latest, found.in_order[i] - usual);
    }
    if (meanwhile > -usual) {
        into.meanwhile.add(meanwhile);
    }
    into.afterwards.add(afterwards);
}

// One packet of a larger response is dropped, in each run another one. A small request follows each
// larger one after 10 ms, so that its response is in packets of its own, and comes while the lost
// packet is missing.
outcome<extra_found> single_drops(world& in, client_version version,
                                  const experiment_settings& settings) {
    constexpr pace how{.warm_up = milliseconds{1610},
                       .small = milliseconds{200},
                       .larger = milliseconds{200},
                       .count = 12};
    extra_found extra;
    const auto runs = settings.samples_or(20, 3);
    for (std::size_t i = 0; i < runs; ++i) {
        settings.tell(fmt::format("hol: one drop, HTTP/{}, {} of {}",
                                  version == client_version::http_3 ? 3 : 2, i, runs));
        auto path = path_options::symmetric(round_trip);
        // Small responses are smaller, with all that surrounds them.
        auto rule = *parse_drop_rule(fmt::format("down:>=1250:{}", 2 + i));
        rule.after = how.warm_up + milliseconds{700};
        path.down.drops = {rule};
        const auto found = probe_once(in, version, how, path);
        if (!found) {
            return std::unexpected{found.error()};
        }
        if (found->latency.count() == 0) {
            return std::unexpected{found->problem};
        }
        const auto counted = in.path().counters();
        if (counted.path.down.dropped_by_list == 1) {
            const std::chrono::duration<double, std::milli> at =
                counted.began + counted.path.down.list_dropped_at;
            add_extra(*found, at.count(), extra);
        }
    }
    return extra;
}

outcome<probes_found> random_loss(world& in, client_version version, double loss,
                                  const experiment_settings& settings) {
    auto path = path_options::symmetric(round_trip);
    path.down.loss = loss_options::independent(loss);
    path.seed = settings.seed;
    return probe_once(in, version, {.count = settings.quick ? 200U : 1000U}, path);
}

std::string ms_text(double value) { return fmt::format("{:.1f}", value); }

struct blocking_tables {
    report found;
    line_chart spread{.title = "Small responses beside larger ones at 50 ms RTT and 2 % loss",
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
    const auto add_row = [&](std::string_view what, const samples& of) {
        into.found.table.rows.push_back({name, fmt::format("one packet, {}", what),
                                         std::to_string(of.count()),
                                         of.count() == 0 ? "-" : ms_text(of.median()), "-", "-",
                                         of.count() == 0 ? "-" : ms_text(of.max()), "-"});
    };
    add_row("meanwhile", single->meanwhile);
    add_row("afterwards", single->afterwards);
    auto& data = into.found.data[name];
    data["one_packet_extra_ms"] = single->meanwhile.values();
    data["one_packet_afterwards_ms"] = single->afterwards.values();
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
             ms_text(found->latency.quantile(0.9)), ms_text(found->latency.quantile(0.99)),
             ms_text(found->latency.max()),
             fmt::format("{:.0f}", static_cast<double>(found->bulk_bytes) / 1e3 /
                                       std::max(found->seconds, 0.001))});
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
    if (auto added = in.add_file("10k", 10'240); !added) {
        return std::unexpected{added.error()};
    }
    blocking_tables made;
    made.found.name = "hol";
    made.found.title = fmt::format(
        "1 KiB responses every 10 ms beside 10 KiB every 100 ms on one connection, {} ms RTT, in "
        "ms",
        round_trip.count());
    made.found.table.columns = {"version", "what", "n",   "median",
                                "p90",     "p99",  "max", "larger KB/s"};
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
        "One packet: of a larger response, dropped once in each run. The figures are by how much "
        "the latest small response was later than the usual one of its run: meanwhile, of those "
        "sent while the packet was missing, in packets of their own; afterwards, of the others, "
        "which may wait for room in the smaller congestion window.");
    made.found.charts = {{"", draw(made.spread)}};
    return std::move(made.found);
}

}  // namespace ringway::lab
