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
constexpr std::size_t queue_bytes = 64'000;
constexpr std::size_t per_second = 10;  // Intervals of the relay's record.
constexpr std::size_t warm_up = 3 * per_second;
constexpr double flow_bytes_min = 50'000;

struct fairness_tables {
    report found;
    line_chart over_time{.title = "HTTP/3 beside HTTP/2 through 10 Mbit/s",
                         .x_label = "seconds",
                         .y_label = "Mbit/s"};
};

// Of a series from the time on when both were under way.
double sum_from(const std::vector<std::uint64_t>& bytes, std::size_t first) {
    return first < bytes.size() ? static_cast<double>(std::accumulate(
                                      bytes.begin() + static_cast<std::ptrdiff_t>(first),
                                      bytes.end(), std::uint64_t{0}))
                                : 0.0;
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

// Two downloads that compete. TCP's congestion control is cubic.
struct contest {
    bool first_is_quic = true;
    bool second_is_quic = false;
};

struct contest_found {
    double first = 0;  // Share of the bytes.
    double second = 0;
    double both_mbps = 0;
    std::vector<std::uint64_t> first_bytes;
    std::vector<std::uint64_t> second_bytes;
};

outcome<contest_found> compete(world& in, const contest& who, milliseconds length) {
    auto options = path_options::symmetric(round_trip, rate);
    options.down.queue_bytes = queue_bytes;
    in.path().restart(options);
    const auto request = [&](bool quic) {
        fetch_request made{.version = quic ? fetch_version::http_3 : fetch_version::http_2,
                           .path = "flow"};
        made.limit = length;
        return made;
    };
    if (auto done = run_both(in, request(who.first_is_quic), request(who.second_is_quic)); !done) {
        return std::unexpected{done.error()};
    }
    auto record = in.path().throughput();
    // The last words of the connections before.
    std::erase_if(record.flows, [](const relay_throughput::flow& each) {
        return sum_from(each.bytes, 0) < flow_bytes_min;
    });
    if (record.flows.size() != 2) {
        return std::unexpected{fmt::format("{} connections in place of two", record.flows.size())};
    }
    contest_found found{.first_bytes = record.flows[0].bytes,
                        .second_bytes = record.flows[1].bytes};
    const auto first = sum_from(found.first_bytes, warm_up);
    const auto second = sum_from(found.second_bytes, warm_up);
    const double both = std::max(first + second, 1.0);
    found.first = first / both;
    found.second = second / both;
    const auto intervals = std::max(found.first_bytes.size(), found.second_bytes.size());
    found.both_mbps = intervals <= warm_up ? 0
                                           : both * 8 * static_cast<double>(per_second) /
                                                 static_cast<double>(intervals - warm_up) / 1e6;
    return found;
}

std::string name_of(bool quic, const std::string& algorithm) {
    return quic ? "QUIC " + algorithm : std::string{"TCP cubic"};
}

outcome<void> add_contest(world& in, const contest& who, const std::string& algorithm,
                          const experiment_settings& settings, fairness_tables& into) {
    const auto first = name_of(who.first_is_quic, algorithm);
    const auto second = name_of(who.second_is_quic, algorithm);
    settings.tell(fmt::format("fairness: {}, then {}", first, second));
    const auto found =
        compete(in, who, settings.quick ? milliseconds{10'000} : milliseconds{30'000});
    if (!found) {
        return std::unexpected{found.error()};
    }
    into.found.table.rows.push_back({first, second, fmt::format("{:.2f}", found->first),
                                     fmt::format("{:.2f}", found->second),
                                     fmt::format("{:.1f}", found->both_mbps)});
    into.found.data[fmt::format("{}, then {}", first, second)] = {
        {"first_share", found->first}, {"second_share", found->second}, {"mbps", found->both_mbps}};
    if (algorithm == "cubic" && who.first_is_quic != who.second_is_quic) {
        const char* const order = who.first_is_quic ? "QUIC first" : "TCP first";
        into.over_time.series.push_back(by_second(
            fmt::format("{}, {}", who.first_is_quic ? "QUIC" : "TCP", order), found->first_bytes));
        into.over_time.series.push_back(
            by_second(fmt::format("{}, {}", who.second_is_quic ? "QUIC" : "TCP", order),
                      found->second_bytes));
    }
    return {};
}

}  // namespace

outcome<report> measure_fairness(world& in, const experiment_settings& settings) {
    if (const auto why = in.why_no_quic(); !why.empty()) {
        return std::unexpected{why};
    }
    if (!in.options().quic_server.empty()) {
        return std::unexpected{std::string{"one server must speak HTTP/2 and HTTP/3 for this"}};
    }
    if (auto added = in.add_file("flow", 80'000'000); !added) {
        return std::unexpected{added.error()};
    }
    fairness_tables made;
    made.found.name = "fairness";
    made.found.title = fmt::format("two downloads through {} Mbit/s, {} ms RTT, a queue of {} KB",
                                   rate / 1'000'000, round_trip.count(), queue_bytes / 1000);
    made.found.table.columns = {"first", "0.2 s later", "share of first", "share of second",
                                "both Mbit/s"};
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
        std::vector<contest> all{{true, false}, {false, true}, {true, true}};
        if (algorithm == "cubic") {
            all.push_back({false, false});  // What is usual between two of a kind.
        }
        for (const auto& who : all) {
            if (auto done = add_contest(in, who, algorithm, settings, made); !done) {
                return std::unexpected{done.error()};
            }
        }
    }
    in.stop_server();
    made.found.notes.emplace_back(
        "Counted where packets reach the client, without the first 3 s. Two of a kind show what "
        "share is chance, or the advantage of who came first.");
    made.found.charts = {{"", draw(made.over_time)}};
    return std::move(made.found);
}

}  // namespace ringway::lab
