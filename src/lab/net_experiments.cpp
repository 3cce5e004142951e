#include <array>
#include <fmt/core.h>
#include <memory>
#include <utility>

#include "lab/bench_groups.hpp"
#include "lab/datagram_rows.hpp"
#include "lab/scratch.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {
namespace {

constexpr unsigned threads_max = 1000;  // Connections that get a thread each.
constexpr unsigned spinning_max = 64;   // Connections at which spinning is measured.
constexpr std::uint64_t answer_bytes = 4096;
constexpr std::string_view yardstick = "liburing, multishot";

struct way_row {
    std::string_view subject;
    server_options server;
    unsigned connections_max;
    double claimed_rate = 0;  // Of the tutorial: "network, QPS".
};

constexpr unsigned any = 50'000;

// The first is what the ratios are to.
const std::array<way_row, 12> ways{{
    {yardstick, {.way = server_way::uring_multi}, any},
    {"liburing, single-shot", {.way = server_way::uring_single}, any},
    {"liburing, multishot, SQPOLL", {.way = server_way::uring_multi, .sqpoll = true}, spinning_max},
    {"threads", {.way = server_way::threads}, threads_max},
    {"epoll", {.way = server_way::epoll}, any, 100'000},
    {"epoll, spinning", {.way = server_way::epoll, .busy_poll = true}, spinning_max},
    // The lowest that is claimed of a runtime on io_uring.
    {"ringway, io_uring", {.way = server_way::runtime_uring}, any, 200'000},
    {"ringway, epoll", {.way = server_way::runtime_epoll}, any},
    {"ringway, spinning", {.way = server_way::runtime_uring, .busy_poll = true}, spinning_max},
    {"ringway, SQPOLL", {.way = server_way::runtime_uring, .sqpoll = true}, spinning_max},
    {"epoll, SO_BUSY_POLL 50 us", {.way = server_way::epoll, .napi_us = 50}, spinning_max},
    {"ringway, NAPI 50 us", {.way = server_way::runtime_uring, .napi_us = 50}, spinning_max},
}};

// What the tutorial names and we can't run: for the reader who looks for it.
void add_missing(bench_plan& plan, const std::string& test) {
    plan.rows.push_back(missing_row(test, "AF_XDP", "it has no TCP: see net datagrams"));
    const std::string others = "a program in Rust, none of this command's";
    plan.rows.push_back(missing_row(test, "tokio-uring", others, {{metric::rate, 200'000}}));
    plan.rows.push_back(missing_row(test, "Monoio", others, {{metric::rate, 250'000}}));
    plan.rows.push_back(missing_row(test, "Glommio", others, {{metric::rate, 300'000}}));
}

void add_ways(bench_plan& plan, const bench_settings& settings, unsigned connections,
              const load_options& load) {
    const auto test = connections_text(connections);
    for (const auto& way : ways) {
        auto server = way.server;
        server.service = load.service;
        server.body_bytes = answer_bytes;
        if (connections > way.connections_max) {
            if (way.connections_max == threads_max) {
                plan.rows.push_back(missing_row(
                    test, std::string{way.subject},
                    fmt::format("it would need a thread for each of {} connections", connections)));
            }
            continue;
        }
        plan.rows.push_back(
            served_row(test, std::string{way.subject}, own_server(settings, server), load));
        if (way.claimed_rate > 0 && connections > 1) {  // Nobody claims that of one at a time.
            plan.rows.back().claims.push_back({metric::rate, way.claimed_rate});
        }
    }
}

bench_plan closed_loop_plan(std::string title, std::string operation) {
    return {
        .title = std::move(title),
        .operation = std::move(operation),
        .baseline = std::string{yardstick},
        .ratios = {metric::rate, metric::cpu},
        .rows = {},
        .charts = {{metric::cpu}, {metric::rate}, {metric::p99, true}},
        .notes = {"Closed loop: each connection asks when it has its answer, so latency and "
                  "rate say the same; bench latency asks at a constant rate. Servers run on "
                  "one core, the load on another.",
                  "SO_BUSY_POLL and NAPI poll the queue of a network card; the loopback interface "
                  "has none, so they can't help here: the rows show what they cost. SQPOLL's "
                  "thread in the kernel shares the server's core."},
        .before_round = {}};
}

outcome<bench_plan> plan_echo(const bench_settings& settings) {
    auto plan = closed_loop_plan("TCP echo of 64 bytes, one message under way on each connection",
                                 "message");
    for (const auto connections : connections_or(settings, {1, 64, 1000, 10'000})) {
        add_ways(plan, settings, connections,
                 {.service = service_kind::echo, .connections = connections});
        if (connections == 64) {
            add_missing(plan, connections_text(connections));
        }
    }
    return plan;
}

outcome<bench_plan> plan_sizes(const bench_settings& settings) {
    auto plan = closed_loop_plan("TCP echo by size of the message, 64 connections", "message");
    plan.charts = {{metric::cpu, true}, {metric::bytes, true}};
    for (const unsigned size : {64U, 1024U, 16'384U, 131'072U}) {
        for (const auto& way : ways) {
            if (way.connections_max == any) {
                plan.rows.push_back(served_row(
                    fmt::format("{} bytes", size), std::string{way.subject},
                    own_server(settings, way.server),
                    {.service = service_kind::echo, .connections = 64, .message_bytes = size}));
            }
        }
    }
    return plan;
}

outcome<bench_plan> plan_http(const bench_settings& settings) {
    auto plan = closed_loop_plan(
        "HTTP/1.1, a response of 4 KB, one request under way on each connection", "request");
    plan.notes.emplace_back(
        "All but ringway serve answer every request alike, without reading it: they do no more "
        "than move the bytes.");
    auto made = scratch::make();
    if (!made || !made->add_noise("4k.bin", answer_bytes, settings.seed)) {
        return std::unexpected{made ? std::string{"can't write a file of 4 KB"} : made.error()};
    }
    const auto site = std::make_shared<scratch>(*std::move(made));
    for (const auto connections : connections_or(settings, {1, 64, 1000, 10'000})) {
        const load_options load{
            .service = service_kind::http, .connections = connections, .path = "/4k.bin"};
        add_ways(plan, settings, connections, load);
        plan.rows.push_back(served_row(connections_text(connections), "ringway serve",
                                       ringway_serve(settings, site->path()), load));
    }
    plan.before_round = [site](unsigned) {};  // Keeps the file.
    return plan;
}

constexpr std::array<bench_experiment, 4> experiments{{
    {"echo", "64-byte messages on 1 to 10,000 connections: threads, epoll, io_uring, ringway",
     plan_echo},
    {"sizes", "messages of 64 bytes to 128 KB on 64 connections", plan_sizes},
    {"http", "HTTP/1.1 responses of 4 KB on 1 to 10,000 connections, ringway serve among them",
     plan_http},
    {"datagrams", "32 datagrams under way over a veth pair: UDP sockets, AF_XDP, XDP_TX",
     plan_many_datagrams},
}};

}  // namespace

std::span<const bench_experiment> net_experiments() { return experiments; }

}  // namespace ringway::lab
