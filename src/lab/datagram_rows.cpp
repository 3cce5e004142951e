#include "lab/datagram_rows.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/core.h>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "lab/bench_load.hpp"
#include "lab/datagram_load.hpp"
#include "lab/process.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::seconds patience{20};  // Beside the measurement.

struct datagram_row {
    std::string_view subject;
    datagram_way way;
    bool claimed = false;
};

constexpr std::array<datagram_row, 8> rows{{
    {"UDP, blocking", datagram_way::udp},
    {"UDP, spinning", datagram_way::udp_spinning},
    {"UDP, spinning, batches", datagram_way::udp_batches},
    {"AF_XDP, waiting by poll", datagram_way::xdp_waiting},
    {"AF_XDP, ringway's runtime", datagram_way::xdp_runtime},
    {"AF_XDP, spinning", datagram_way::xdp, true},
    {"AF_XDP, spinning, generic mode", datagram_way::xdp_generic},
    {"AF_XDP against XDP_TX", datagram_way::xdp_reflector},
}};

outcome<measurement> measure(const trial& how, const datagram_row& row, std::uint64_t depth) {
    const auto& settings = how.settings;
    std::vector<std::string> arguments{settings.program, "--lab-datagrams"};
    std::ranges::move(to_arguments(datagram_options{.way = row.way,
                                                    .depth = depth,
                                                    .seconds = how.seconds,
                                                    .count_syscalls = how.counting,
                                                    .server_core = settings.server_core}),
                      std::back_inserter(arguments));
    auto running = process::start_on(settings.load_core, arguments);
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto limit = patience + std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::duration<double>{how.seconds});
    const auto status = running->wait(limit);
    if (!status) {
        return std::unexpected{status.error()};
    }
    if (*status != 0) {
        return std::unexpected{
            fmt::format("it ended with status {}: {}", *status, running->errors())};
    }
    return read_line(running->output());
}

bench_plan plan_datagrams(std::uint64_t depth) {
    bench_plan plan{
        .title = fmt::format("datagrams of 64 bytes there and back between two network "
                             "namespaces, over a pair of veth interfaces, {}",
                             depth == 1 ? "one at a time" : fmt::format("{} under way", depth)),
        .operation = "round trip",
        .baseline = "UDP, spinning",
        .ratios = {metric::p50, metric::rate},
        .rows = {},
        .charts = {{metric::p50, true}, {metric::p99, true}, {metric::rate}},
        .notes =
            {"Closed loop. \"load %\" is the client's core, \"busy %\" and \"CPU us\" the "
             "server's process; who spins fills a core. XDP_TX turns packets round in the "
             "kernel, without a process, on the core of the sender.",
             "AF_XDP in copy mode on a virtual interface without hardware: what a card with "
             "zero-copy does is not measured here. Nor is there TCP behind it. A socket in copy "
             "mode sends an skb; the driver of veth copies it for an XDP program, which "
             "generic mode, behind the driver, spares."},
        .before_round = {}};
    for (const auto& row : rows) {
        if (depth == 1 && row.way == datagram_way::udp_batches) {
            continue;  // A batch of one.
        }
        plan.rows.push_back(
            {.test = "",
             .subject = std::string{row.subject},
             .measure = [row, depth](const trial& how) { return measure(how, row, depth); },
             .not_measured = {},
             .claims = {}});
        if (row.claimed && depth == 1) {  // Of the tutorial: "latency P50/P99/P999".
            plan.rows.back().claims = {{metric::p50, 5}, {metric::p99, 20}, {metric::p999, 50}};
        }
    }
    return plan;
}

}  // namespace

outcome<bench_plan> plan_single_datagrams(const bench_settings&) { return plan_datagrams(1); }

outcome<bench_plan> plan_many_datagrams(const bench_settings&) { return plan_datagrams(32); }

}  // namespace ringway::lab
