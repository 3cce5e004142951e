#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds round_trip{30};
constexpr std::uint64_t rate = 10'000'000;
constexpr std::size_t per_second = 10;  // Intervals of the relay's record.

std::uint64_t sum_from(const std::vector<std::uint64_t>& bytes, std::size_t first) {
    return first < bytes.size()
               ? std::accumulate(bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.end(),
                                 std::uint64_t{0})
               : 0;
}

line_series by_second(const std::string& name, const std::vector<std::uint64_t>& bytes) {
    line_series series{.name = name};
    for (std::size_t i = 0; i + per_second <= bytes.size(); i += per_second) {
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(i);
        const auto sum = std::accumulate(begin, begin + per_second, std::uint64_t{0});
        series.points.emplace_back(static_cast<double>(i) / per_second + 1,
                                   static_cast<double>(sum) * 8 / 1e6);
    }
    return series;
}

// Both at once, the first a little earlier. What came is in the relay's record.
outcome<void> run_both(world& in, const fetch_request& first, const fetch_request& second) {
    auto one =
        process::start(in.net(), side::client, in.client_command(first), output_kind::discarded);
    if (!one) {
        return std::unexpected{one.error()};
    }
    std::this_thread::sleep_for(milliseconds{200});
    auto other =
        process::start(in.net(), side::client, in.client_command(second), output_kind::discarded);
    if (!other) {
        return std::unexpected{other.error()};
    }
    static_cast<void>(one->wait(first.limit + milliseconds{2000}));
    static_cast<void>(other->wait(second.limit + milliseconds{2000}));
    return {};
}

struct share_found {
    double quic = 0;
    double tcp = 0;
};

share_found shares_of(const relay_throughput& record, std::size_t warm_up) {
    const auto quic = static_cast<double>(sum_from(record.udp, warm_up));
    const auto tcp = static_cast<double>(sum_from(record.tcp, warm_up));
    const double both = std::max(quic + tcp, 1.0);
    return {quic / both, tcp / both};
}

}  // namespace

outcome<report> measure_fairness(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    if (!in.options().quic_server.empty()) {
        return std::unexpected{std::string{"one server must speak HTTP/2 and HTTP/3 for this"}};
    }
    const milliseconds length = settings.quick ? milliseconds{10'000} : milliseconds{30'000};
    if (auto added = in.add_file("flow", 80'000'000); !added) {
        return std::unexpected{added.error()};
    }
    report found{.name = "fairness",
                 .title = fmt::format("HTTP/3 beside HTTP/2 over TCP cubic, 10 Mbit/s, {} ms RTT, "
                                      "{} s",
                                      round_trip.count(), length.count() / 1000)};
    found.table.columns = {"QUIC", "queue KB", "first", "share of QUIC", "share of TCP"};
    line_chart chart{.title = "HTTP/3 beside HTTP/2 through 10 Mbit/s",
                     .x_label = "seconds",
                     .y_label = "Mbit/s"};
    const bool chooses = in.has_option("serve", "congestion");
    std::vector<std::string> algorithms{"cubic"};
    if (chooses && !settings.quick) {
        algorithms = {"cubic", "reno", "bbr"};
    }
    for (const auto& algorithm : algorithms) {
        if (auto started =
                in.serve(true, chooses ? std::vector<std::string>{"--congestion", algorithm}
                                       : std::vector<std::string>{});
            !started) {
            return std::unexpected{started.error()};
        }
        for (const bool quic_first : {true, false}) {
            settings.tell(
                fmt::format("fairness: {}, {} first", algorithm, quic_first ? "QUIC" : "TCP"));
            auto options = path_options::symmetric(round_trip, rate);
            options.down.queue_bytes = 64'000;
            in.path().restart(options);
            fetch_request quic{.path = "flow"};
            fetch_request tcp{.version = fetch_version::http_2, .path = "flow"};
            quic.limit = tcp.limit = length;
            if (auto done = quic_first ? run_both(in, quic, tcp) : run_both(in, tcp, quic); !done) {
                return std::unexpected{done.error()};
            }
            const auto record = in.path().throughput();
            const auto share = shares_of(record, 3 * per_second);
            const auto* const first = quic_first ? "QUIC" : "TCP";
            found.table.rows.push_back({algorithm, "64", first, fmt::format("{:.2f}", share.quic),
                                        fmt::format("{:.2f}", share.tcp)});
            found.data[algorithm + (quic_first ? ", QUIC first" : ", TCP first")] = share.quic;
            if (algorithm == "cubic") {
                chart.series.push_back(by_second(fmt::format("QUIC, {} first", first), record.udp));
                chart.series.push_back(by_second(fmt::format("TCP, {} first", first), record.tcp));
            }
        }
    }
    in.stop_server();
    found.notes.emplace_back("Counted where packets reach the client, without the first 3 s.");
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
