#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <string>
#include <vector>

#include "lab/chart.hpp"
#include "lab/experiment.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;

struct sender {
    std::string name;
    fetch_version version = fetch_version::http_2;
    std::string algorithm;
};

struct conditions {
    std::uint64_t megabits = 10;
    milliseconds round_trip{20};
    double loss = 0;

    [[nodiscard]] std::string text() const {
        return fmt::format("{} Mbit/s, {} ms, {:g} %", megabits, round_trip.count(), loss * 100);
    }
};

std::vector<sender> all_senders(world& in, std::vector<std::string>& notes) {
    std::vector<sender> all{{"TCP cubic", fetch_version::http_2, "cubic"}};
    if (in.net().set_congestion_control("bbr")) {
        all.push_back({"TCP bbr", fetch_version::http_2, "bbr"});
    } else {
        notes.emplace_back("TCP bbr: not measured: the kernel does not have it");
    }
    if (const auto why = in.why_no_quic(); !why.empty()) {
        notes.push_back("QUIC: not measured: " + why);
        return all;
    }
    if (!in.options().quic_server.empty()) {
        all.push_back({"QUIC cubic", fetch_version::http_3, ""});
        return all;
    }
    if (!in.has_option("serve", "congestion")) {
        all.push_back({"QUIC", fetch_version::http_3, ""});
        notes.emplace_back("QUIC: ringway serve has no --congestion: its default only");
        return all;
    }
    for (const auto* const name : {"cubic", "reno", "bbr"}) {
        all.push_back({fmt::format("QUIC {}", name), fetch_version::http_3, name});
    }
    return all;
}

std::vector<conditions> all_conditions(bool quick) {
    std::vector<conditions> all;
    const auto rates = quick ? std::vector<std::uint64_t>{20} : std::vector<std::uint64_t>{10, 100};
    const auto trips = quick ? std::vector<milliseconds>{milliseconds{40}}
                             : std::vector<milliseconds>{milliseconds{20}, milliseconds{100}};
    const auto losses =
        quick ? std::vector<double>{0, 0.01} : std::vector<double>{0, 0.01, 0.02, 0.05};
    for (const auto rate : rates) {
        for (const auto trip : trips) {
            for (const auto loss : losses) {
                all.push_back({rate, trip, loss});
            }
        }
    }
    return all;
}

// A bottleneck with a queue of one bandwidth-delay product, 30 KB at the least; losses on the way
// to the client only, so that no algorithm gains by fewer acknowledgements.
path_options path_for(const conditions& at, std::uint64_t seed) {
    const auto bits = at.megabits * 1'000'000;
    auto options = path_options::symmetric(at.round_trip, bits);
    const auto product = bits / 8 * static_cast<std::uint64_t>(at.round_trip.count()) / 1000;
    options.down.queue_bytes = std::max<std::size_t>(product, 30'000);
    options.down.loss = loss_options::independent(at.loss);
    options.seed = seed;
    return options;
}

constexpr int attempts_max = 3;

// Megabits of the body per second, from the request on. Where nothing came at all, as on a machine
// that was busy with something else just then, it is tried again.
outcome<double> measure(world& in, const sender& by, const conditions& at,
                        const experiment_settings& settings, std::string& problem) {
    in.path().restart(path_for(at, settings.seed));
    fetch_request request{.version = by.version, .path = "bulk"};
    request.limit = settings.quick ? milliseconds{4000} : milliseconds{8000};
    for (int i = 0; i < attempts_max; ++i) {
        const auto got = in.fetch(request);
        if (!got) {
            return std::unexpected{got.error()};
        }
        if (got->bytes > 0) {
            problem.clear();
            return static_cast<double>(got->bytes) * 8 / (got->total_ms * 1000);
        }
        problem = got->problem;
    }
    return 0;
}

}  // namespace

outcome<report> measure_goodput(world& in, const experiment_settings& settings) {
    // More than any of them gets in its time.
    if (auto added = in.add_file("bulk", settings.quick ? 20'000'000 : 130'000'000); !added) {
        return std::unexpected{added.error()};
    }
    report found{.name = "goodput",
                 .title = "Mbit/s of one download, by congestion control of the server"};
    const auto senders = all_senders(in, found.notes);
    const auto all = all_conditions(settings.quick);
    found.table.columns = {"rate, RTT, loss"};
    bar_chart chart{.title = "Goodput of one download", .y_label = "share of the rate, percent"};
    for (const auto& by : senders) {
        found.table.columns.push_back(by.name);
        chart.series.push_back({by.name, {}});
    }
    std::vector<std::vector<double>> values(all.size());
    for (const auto& by : senders) {
        const bool quic = by.version == fetch_version::http_3;
        if (!quic && !in.net().set_congestion_control(by.algorithm)) {
            return std::unexpected{"the kernel has no congestion control " + by.algorithm};
        }
        const bool chooses = quic && !by.algorithm.empty();
        if (auto started =
                in.serve(quic, chooses ? std::vector<std::string>{"--congestion", by.algorithm}
                                       : std::vector<std::string>{});
            !started) {
            return std::unexpected{started.error()};
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            settings.tell(fmt::format("goodput: {}, {}", by.name, all[i].text()));
            std::string problem;
            const auto rate = measure(in, by, all[i], settings, problem);
            if (!rate) {
                return std::unexpected{rate.error()};
            }
            values[i].push_back(*rate);
            if (!problem.empty()) {
                found.notes.push_back(
                    fmt::format("{}, {}: nothing came: {}", by.name, all[i].text(), problem));
            }
        }
    }
    in.stop_server();
    static_cast<void>(in.net().set_congestion_control("cubic"));
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::vector<std::string> row{all[i].text()};
        nlohmann::json cells;
        for (std::size_t s = 0; s < senders.size(); ++s) {
            row.push_back(fmt::format("{:.1f}", values[i][s]));
            cells[senders[s].name] = values[i][s];
            chart.series[s].values.push_back(100 * values[i][s] /
                                             static_cast<double>(all[i].megabits));
        }
        found.table.rows.push_back(std::move(row));
        found.data[all[i].text()] = cells;
        chart.groups.push_back(fmt::format("{}M {}ms {:g}%", all[i].megabits,
                                           all[i].round_trip.count(), all[i].loss * 100));
    }
    found.charts = {{"", draw(chart)}};
    return found;
}

}  // namespace ringway::lab
