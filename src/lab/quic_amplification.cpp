#include <chrono>
#include <fmt/core.h>
#include <string>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;

// Only so many datagrams of the client reach the server, which so never learns whether the client
// is where it says to be (RFC 9000 section 8.1).
path_options silenced_after(unsigned datagrams) {
    auto options = path_options::symmetric(milliseconds{20});
    options.up.drops = {*parse_drop_rule(fmt::format("up:udp:{}-", datagrams + 1))};
    return options;
}

}  // namespace

outcome<report> measure_amplification(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    if (auto started = in.serve(true); !started) {
        return std::unexpected{started.error()};
    }
    report found{.name = "amplification",
                 .title =
                     "UDP payload sent to an unproved address for what came from it, after a "
                     "client fell silent"};
    found.table.columns = {"datagrams of the client", "bytes", "datagrams of the server", "bytes ",
                           "times"};
    bar_chart chart{.title = "Bytes sent for bytes received from an unproved address",
                    .y_label = "times (3 is allowed)",
                    .series = {{"", {}}}};
    const auto most = settings.quick ? 2U : 4U;
    for (unsigned datagrams = 1; datagrams <= most; ++datagrams) {
        settings.tell(fmt::format("amplification: {} of {}", datagrams, most));
        in.forget_sessions();
        in.path().restart(silenced_after(datagrams));
        fetch_request request{};
        // Long enough for the server to send again a few times, at 1, 2, 4 seconds.
        request.limit = settings.quick ? milliseconds{5000} : milliseconds{12'000};
        if (const auto got = in.fetch(request); !got) {
            return std::unexpected{got.error()};
        }
        const auto counted = in.path().counters().path;
        const auto received = counted.up.payload_out;
        const auto sent = counted.down.payload_in;
        const double times =
            received > 0 ? static_cast<double>(sent) / static_cast<double>(received) : 0;
        found.table.rows.push_back({std::to_string(counted.up.datagrams_out),
                                    std::to_string(received),
                                    std::to_string(counted.down.datagrams_in), std::to_string(sent),
                                    fmt::format("{:.2f}", times)});
        chart.groups.push_back(fmt::format("{} datagrams", datagrams));
        chart.series[0].values.push_back(times);
        found.data[std::to_string(datagrams)] = {
            {"received", received}, {"sent", sent}, {"times", times}};
    }
    in.stop_server();
    found.notes.emplace_back(
        "A client that sends a Handshake packet has proved its address: from "
        "then on the limit is not for it.");
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
