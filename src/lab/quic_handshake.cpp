#include <chrono>
#include <fmt/core.h>
#include <string>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"
#include "lab/samples.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::milliseconds round_trip{50};

struct variant {
    std::string name;
    std::string key;     // In the JSON.
    double round_trips;  // That it takes by design.
    fetch_request request;
    bool forgets = false;  // Tickets and tokens, before every request.
    std::string skipped = {};
    bool primes = false;  // A request before each one that counts, for a ticket.
    samples first_byte = {};
    std::size_t early = 0;
    std::size_t resumed = 0;
    std::size_t failures = 0;
    std::string problem = {};
};

std::vector<variant> all_variants(const world& in) {
    const auto no_quic = in.why_no_quic();
    const bool own = in.options().quic_server.empty();
    const fetch_request h2{.version = fetch_version::http_2};
    fetch_request curl = h2;
    curl.by_curl = true;
    fetch_request early{};
    early.early_data = true;
    std::vector<variant> all{
        {"HTTP/2, curl", "h2_curl", 3, curl, true},
        {"HTTP/2", "h2", 3, h2, true},
        {"HTTP/2, resumed", "h2_resumed", 3, h2},
        {"HTTP/3", "h3", 2, {}, true, no_quic},
        {"HTTP/3, 0-RTT", "h3_early", 1, early, false, no_quic},
        {"HTTP/3, Retry", "h3_retry", 3, {}, true, no_quic},
    };
    all[4].primes = true;
    if (own && no_quic.empty() && !in.has_option("serve", "quic-retry")) {
        all.back().skipped = "ringway serve has no --quic-retry";
    }
    return all;
}

// One request, into the variant's samples.
outcome<void> sample(world& in, variant& of) {
    of.request.sessions = of.key;
    if (of.forgets) {
        in.forget_sessions(of.key);
    }
    if (of.primes) {
        in.forget_sessions(of.key);
        if (const auto primed = in.fetch(of.request); !primed) {
            return std::unexpected{primed.error()};
        }
    }
    const auto got = in.fetch(of.request);
    if (!got) {
        return std::unexpected{got.error()};
    }
    if (!got->complete) {
        ++of.failures;
        of.problem = got->problem;
        return {};
    }
    of.first_byte.add(got->first_byte_ms);
    of.early += got->early ? 1 : 0;
    of.resumed += got->resumed || got->early ? 1 : 0;
    return {};
}

// Variants that need a server of the same kind take turns, so that what else the machine does
// befalls all of them.
outcome<void> measure_group(world& in, const experiment_settings& settings, bool quic,
                            const std::vector<std::string>& server, std::vector<variant*> group) {
    std::erase_if(group, [](const variant* one) { return !one->skipped.empty(); });
    if (group.empty()) {
        return {};
    }
    if (auto started = in.serve(quic, server); !started) {
        return started;
    }
    // Once: a restart between two samples would swallow the farewell of the one before.
    in.path().restart(path_options::symmetric(round_trip));
    const auto count = settings.samples_or(200, 10);
    for (auto* const one : group) {  // What is not counted: caches warm up, tickets are got.
        variant warming = *one;
        if (auto done = sample(in, warming); !done) {
            return done;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 20 == 0) {
            settings.tell(fmt::format("handshake: {} of {}", i, count));
        }
        for (auto* const one : group) {
            if (auto done = sample(in, *one); !done) {
                return done;
            }
        }
    }
    in.stop_server();
    return {};
}

void tabulate(report& into, const std::vector<variant>& all) {
    const double rtt = static_cast<double>(round_trip.count());
    bar_chart chart{.title = "Time to the first byte at 50 ms RTT",
                    .y_label = "milliseconds",
                    .series = {{"median", {}}, {"p95", {}}}};
    line_chart spread{.title = "Time to the first byte at 50 ms RTT: distribution",
                      .x_label = "milliseconds",
                      .y_label = "share of requests"};
    into.table.columns = {"how", "n",           "failed",  "by design ms", "median",
                          "p95", "round trips", "resumed", "0-RTT"};
    for (const auto& one : all) {
        if (!one.skipped.empty()) {
            into.notes.push_back(fmt::format("{}: not measured: {}", one.name, one.skipped));
            continue;
        }
        if (one.key == "h2_resumed" && one.resumed == 0) {
            into.notes.push_back(one.name +
                                 ": the client has not resumed any: these are full "
                                 "handshakes");
        }
        if (one.failures > 0) {
            into.notes.push_back(
                fmt::format("{}: {} failed, as: {}", one.name, one.failures, one.problem));
        }
        const auto median = one.first_byte.median();
        into.table.rows.push_back(
            {one.name, std::to_string(one.first_byte.count()), std::to_string(one.failures),
             fmt::format("{:.0f}", one.round_trips * rtt), fmt::format("{:.1f}", median),
             fmt::format("{:.1f}", one.first_byte.quantile(0.95)),
             fmt::format("{:.2f}", median / rtt), std::to_string(one.resumed),
             std::to_string(one.early)});
        chart.groups.push_back(one.name);
        chart.series[0].values.push_back(median);
        chart.series[1].values.push_back(one.first_byte.quantile(0.95));
        spread.series.push_back({one.name, one.first_byte.distribution()});
        into.data[one.key] = {{"first_byte_ms", one.first_byte.values()},
                              {"by_design_ms", one.round_trips * rtt},
                              {"median_ms", median},
                              {"early", one.early},
                              {"resumed", one.resumed},
                              {"failures", one.failures}};
    }
    into.charts = {{"", draw(chart)}, {"distribution", draw(spread)}};
}

}  // namespace

outcome<report> measure_handshakes(world& in, const experiment_settings& settings) {
    auto all = all_variants(in);
    if (auto done = measure_group(in, settings, false, {}, {&all[1], &all[2], &all[0]}); !done) {
        if (!done.error().contains("curl")) {
            return std::unexpected{done.error()};
        }
        all[0].skipped = done.error();
        if (auto again = measure_group(in, settings, false, {}, {&all[1], &all[2]}); !again) {
            return std::unexpected{again.error()};
        }
    }
    if (auto done = measure_group(in, settings, true, {}, {&all[3], &all[4]}); !done) {
        return std::unexpected{done.error()};
    }
    const bool own = in.options().quic_server.empty();
    const auto retrying =
        own ? std::vector<std::string>{"--quic-retry", "always"} : std::vector<std::string>{"-V"};
    if (auto done = measure_group(in, settings, true, retrying, {&all[5]}); !done) {
        return std::unexpected{done.error()};
    }
    report found{.name = "handshake",
                 .title = fmt::format("time to the first byte of 1 KiB at {} ms RTT, in ms",
                                      round_trip.count())};
    tabulate(found, all);
    return found;
}

}  // namespace ringway::lab
