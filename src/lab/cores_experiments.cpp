#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <memory>
#include <numeric>

#include <ringway/runtime/cluster.hpp>

#include "lab/bench_groups.hpp"
#include "lab/scratch.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {
namespace {

constexpr unsigned connections_per_shard = 64;

// The server takes cores from the first on; the loads take the others, and share the server's when
// there are too few.
struct core_split {
    std::vector<unsigned> server;
    std::vector<unsigned> load;
    bool shared = false;
};

core_split split_cores(unsigned cores, unsigned shards) {
    core_split made;
    made.server.resize(shards);
    std::iota(made.server.begin(), made.server.end(), 0U);
    const unsigned left = cores - shards;
    made.shared = left < shards;
    made.load.resize(made.shared && left == 0 ? cores : std::min(left, shards));
    std::iota(made.load.begin(), made.load.end(), left == 0 ? 0U : shards);
    return made;
}

measured_row scaled_row(std::string test, std::string subject, server_command server,
                        load_options load, core_split cores) {
    return {.test = std::move(test),
            .subject = std::move(subject),
            .measure = [server = std::move(server), load = std::move(load),
                        cores = std::move(cores)](const trial& how) {
                return measure_scaled(how, server, load, cores.server, cores.load);
            }};
}

outcome<bench_plan> plan_scaling(const bench_settings& settings, bool http) {
    auto made = scratch::make();
    if (!made || !made->add_noise("4k.bin", 4096, settings.seed)) {
        return std::unexpected{made ? std::string{"can't write a file of 4 KB"} : made.error()};
    }
    const auto site = std::make_shared<scratch>(*std::move(made));
    bench_plan plan{.title = fmt::format("{}, {} connections for each shard, closed loop",
                                         http ? "ringway serve, one file of 4 KB over HTTP/1.1"
                                              : "TCP echo of 64 bytes on ringway's runtime",
                                         connections_per_shard),
                    .operation = http ? "request" : "message",
                    .ratios = {metric::rate, metric::cpu},
                    .rows = {},
                    .charts = {{metric::rate}, {metric::cpu}},
                    .notes = {"\"ratio of per s\" is the speed-up over one shard."}};
    const unsigned cores = cluster::usable_cores();
    bool shared = false;
    for (unsigned shards = 1; shards <= cores; shards = shards < 8 ? shards + 1 : shards * 2) {
        auto split = split_cores(cores, shards);
        shared = shared || split.shared;
        auto server =
            http ? ringway_serve(settings, site->path(), shards)
                 : own_server(settings, {.way = server_way::runtime_uring, .shards = shards});
        plan.rows.push_back(
            scaled_row("",
                       fmt::format("{} shard{}{}", shards, shards == 1 ? "" : "s",
                                   split.shared ? ", cores shared with the load" : ""),
                       std::move(server),
                       {.service = http ? service_kind::http : service_kind::echo,
                        .connections = std::uint64_t{connections_per_shard} * shards,
                        .path = "/4k.bin"},
                       std::move(split)));
    }
    if (shared) {
        plan.notes.emplace_back(
            fmt::format("This machine has {} cores. Where the load shares them with the server, "
                        "the rate says nothing of scaling: compare the processor time per "
                        "operation, which shows what sharing costs.",
                        cores));
    }
    plan.before_round = [site](unsigned) {};
    return plan;
}

outcome<bench_plan> plan_echo(const bench_settings& settings) {
    return plan_scaling(settings, false);
}
outcome<bench_plan> plan_serve(const bench_settings& settings) {
    return plan_scaling(settings, true);
}

constexpr std::array<bench_experiment, 2> experiments{{
    {"echo", "TCP echo on 1 to n shards", plan_echo},
    {"serve", "ringway serve on 1 to n shards", plan_serve},
}};

}  // namespace

std::span<const bench_experiment> cores_experiments() { return experiments; }

}  // namespace ringway::lab
