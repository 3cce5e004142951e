#include <array>
#include <fmt/core.h>
#include <string_view>
#include <vector>

#include "lab/bench_groups.hpp"
#include "lab/datagram_rows.hpp"
#include "lab/lookup.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {
namespace {

using claims = std::vector<claimed_value>;

// Of the tutorial: "latency P50/P99/P999".
claims latency_claims(double p50, double p99, double p999) {
    return {{metric::p50, p50}, {metric::p99, p99}, {metric::p999, p999}};
}

struct latency_row {
    std::string_view subject;
    server_options server;
    claims claimed;
};

std::vector<latency_row> latency_rows() {
    const auto of_uring = latency_claims(15, 80, 300);
    return {
        {"liburing, multishot", {.way = server_way::uring_multi}, of_uring},
        {"threads", {.way = server_way::threads}, {}},
        {"epoll", {.way = server_way::epoll}, latency_claims(40, 200, 1000)},
        {"epoll, spinning", {.way = server_way::epoll, .busy_poll = true}, {}},
        {"liburing, SQPOLL", {.way = server_way::uring_multi, .sqpoll = true}, {}},
        {"ringway, io_uring", {.way = server_way::runtime_uring}, of_uring},
        {"ringway, epoll", {.way = server_way::runtime_epoll}, {}},
        {"ringway, spinning", {.way = server_way::runtime_uring, .busy_poll = true}, {}},
        {"ringway, SQPOLL", {.way = server_way::runtime_uring, .sqpoll = true}, {}},
    };
}

std::string offered_text(double rate) { return value_text(metric::rate, rate) + " messages/s"; }

bench_plan open_loop_plan(std::string title, std::string operation) {
    return {.title = std::move(title),
            .operation = std::move(operation),
            .ratios = {metric::p50, metric::p99},
            .rows = {},
            .charts = {{metric::p50, true}, {metric::p99, true}, {metric::p999, true}},
            .notes = {"Open loop: requests are due at a constant rate whatever became of those "
                      "before, and latency is counted from when each was due (no coordinated "
                      "omission). The load spins on its own core, so that it is not late itself."}};
}

struct offer {
    unsigned connections;
    double rate;
};

// The usual ones, or every chosen count of connections with every chosen rate.
std::vector<offer> offers_of(const bench_settings& settings) {
    if (settings.connections.empty() && settings.rates.empty()) {
        return {{1, 5000}, {64, 20'000}, {1000, 20'000}};
    }
    std::vector<offer> all;
    for (const auto connections : connections_or(settings, {1, 64, 1000})) {
        for (const auto rate : rates_or(settings, {5'000, 20'000})) {
            all.push_back({connections, rate});
        }
    }
    return all;
}

outcome<bench_plan> plan_echo(const bench_settings& settings) {
    auto plan = open_loop_plan("TCP echo of 64 bytes at a constant rate", "message");
    for (const auto& [connections, rate] : offers_of(settings)) {
        const auto test = fmt::format("{}, {}", connections_text(connections), offered_text(rate));
        const bool claimed = connections <= 64;  // Of how many the tutorial does not say.
        for (const auto& row : latency_rows()) {
            plan.rows.push_back(served_row(
                test, std::string{row.subject}, own_server(settings, row.server),
                {.service = service_kind::echo, .connections = connections, .rate = rate}));
            plan.rows.back().claims = claimed ? row.claimed : claims{};
        }
    }
    return plan;
}

outcome<bench_plan> plan_offered(const bench_settings& settings) {
    const auto connections = connections_or(settings, {64});
    auto plan = open_loop_plan("TCP echo of 64 bytes by offered rate", "message");
    for (const auto count : connections) {
        for (const double rate :
             rates_or(settings, {5'000, 10'000, 20'000, 40'000, 60'000, 80'000})) {
            for (const auto& row : latency_rows()) {
                if (row.claimed.empty()) {  // Only those that the tutorial compares.
                    continue;
                }
                plan.rows.push_back(served_row(
                    fmt::format("{}, {}", connections_text(count), offered_text(rate)),
                    std::string{row.subject}, own_server(settings, row.server),
                    {.service = service_kind::echo, .connections = count, .rate = rate}));
            }
        }
    }
    return plan;
}

// ---- Lookups ----

struct lookup_row {
    std::string_view subject;
    server_way way;
    bool direct;
};

constexpr std::array<lookup_row, 6> lookup_rows{{
    {"threads, pread", server_way::threads, false},
    {"threads, direct pread", server_way::threads, true},
    {"liburing, buffered", server_way::uring_single, false},
    {"liburing, direct", server_way::uring_single, true},
    {"ringway, buffered", server_way::runtime_uring, false},
    {"ringway, direct", server_way::runtime_uring, true},
}};

outcome<bench_plan> plan_lookup(const bench_settings& settings) {
    constexpr std::uint64_t full_bytes = 1U << 30;
    constexpr std::uint64_t quick_bytes = 1U << 26;
    const auto bytes = settings.quick ? quick_bytes : full_bytes;
    const auto records = bytes / record_bytes;
    auto path = settings.directory + "/records";
    settings.tell(fmt::format("writing {} records", records));
    if (const auto made = make_records(path, records); !made) {
        return std::unexpected{made.error()};
    }
    bench_plan plan{
        .title = fmt::format("lookups of {} random records of {} bytes in a file of {} MB over a "
                             "socket, closed loop",
                             records, record_bytes, bytes >> 20),
        .operation = "lookup",
        .ratios = {metric::rate, metric::p50, metric::cpu},
        .rows = {},
        .charts = {{metric::rate}, {metric::p50, true}, {metric::p99, true}},
        .notes = {"What the tutorial calls a database query, without the database: the number of "
                  "a record goes in, 256 bytes come out, and every byte is checked.",
                  "The file is taken out of the page cache before each measurement; buffered "
                  "reads, without read-ahead, fill it again as they go, direct ones never do."}};
    for (const auto connections : connections_or(settings, {1, 64})) {
        for (const auto& row : lookup_rows) {
            auto server = own_server(settings, {.way = row.way,
                                                .service = service_kind::lookup,
                                                .direct = row.direct,
                                                .file = path});
            const load_options load{
                .service = service_kind::lookup, .connections = connections, .records = records};
            plan.rows.push_back(
                {.test = connections_text(connections),
                 .subject = std::string{row.subject},
                 .measure = [server, load, path](const trial& how) -> outcome<measurement> {
                     if (!forget_file(path)) {
                         return std::unexpected{"can't take " + path + " out of the page cache"};
                     }
                     return measure_served(how, server, load);
                 }});
        }
    }
    return plan;
}

constexpr std::array<bench_experiment, 4> experiments{{
    {"echo", "64-byte messages at a constant rate: p50, p99 and p99.9 of each server", plan_echo},
    {"offered", "the same for rates from 5,000 to 80,000 a second", plan_offered},
    {"datagrams", "64-byte datagrams over a veth pair: UDP sockets, AF_XDP, XDP_TX",
     plan_single_datagrams},
    {"lookup", "records of a file over a socket: pread against io_uring, buffered and direct",
     plan_lookup},
}};

}  // namespace

std::span<const bench_experiment> latency_experiments() { return experiments; }

}  // namespace ringway::lab
