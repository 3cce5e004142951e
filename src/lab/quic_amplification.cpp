#include <chrono>
#include <fmt/core.h>
#include <string>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;

struct situation {
    std::string name;
    std::string key;
    std::string up;    // Datagrams of the client that do not arrive.
    std::string down;  // Those of the server, which are counted all the same.
};

// In none of these does the server ever learn whether the client is where it says to be: that takes
// a Handshake packet, and so all of the server's first flight (RFC 9000 section 8.1).
std::vector<situation> all_situations() {
    return {{"the client falls silent after one datagram", "silent", "up:udp:2-", ""},
            {"no answer arrives, the client tries again", "deaf", "", "down:1-"},
            {"datagrams 2 to 7 of the client are lost, and all answers", "late", "up:udp:2-7",
             "down:1-"}};
}

path_options path_for(const situation& of) {
    auto options = path_options::symmetric(milliseconds{20});
    if (!of.up.empty()) {
        options.up.drops = {*parse_drop_rule(of.up)};
    }
    if (!of.down.empty()) {
        options.down.drops = {*parse_drop_rule(of.down)};
    }
    return options;
}

}  // namespace

outcome<report> measure_amplification(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    report found{.name = "amplification",
                 .title =
                     "UDP payload sent to an unproved address for what came from it, after a "
                     "client fell silent"};
    found.table.columns = {"what",          "datagrams in", "bytes in",
                           "datagrams out", "bytes out",    "times"};
    bar_chart chart{.title = "Bytes sent for bytes received from an unproved address",
                    .y_label = "times (3 is allowed)",
                    .series = {{"", {}}}};
    for (const auto& one : all_situations()) {
        settings.tell("amplification: " + one.name);
        // A new one each time: an old one would go on with the client of before.
        if (auto started = in.serve(true); !started) {
            return std::unexpected{started.error()};
        }
        in.path().restart(path_for(one));
        fetch_request request{};
        request.sessions = "amplification";
        // Long enough for both to send again a few times, after 1, 2 and 4 seconds.
        request.limit = settings.quick ? milliseconds{5000} : milliseconds{12'000};
        if (const auto got = in.fetch(request); !got) {
            return std::unexpected{got.error()};
        }
        const auto counted = in.path().counters().path;
        const auto received = counted.up.payload_out;
        const auto sent = counted.down.payload_in;
        const double times =
            received > 0 ? static_cast<double>(sent) / static_cast<double>(received) : 0;
        found.table.rows.push_back({one.name, std::to_string(counted.up.datagrams_out),
                                    std::to_string(received),
                                    std::to_string(counted.down.datagrams_in), std::to_string(sent),
                                    fmt::format("{:.2f}", times)});
        chart.groups.push_back(one.name);
        chart.series[0].values.push_back(times);
        found.data[one.key] = {{"received", received}, {"sent", sent}, {"times", times}};
    }
    in.stop_server();
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
