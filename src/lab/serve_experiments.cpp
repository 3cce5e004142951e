#include <array>
#include <memory>

#include "lab/bench_groups.hpp"
#include "lab/scratch.hpp"
#include "lab/site_servers.hpp"

namespace ringway::lab {
namespace {

constexpr std::uint64_t small_bytes = 4096;
constexpr std::uint64_t large_bytes = 1 << 20;

// Of the tutorial: what "standard I/O" and what io_uring is said to reach.
struct claim_pair {
    claimed_value standard;
    claimed_value uring;
};

outcome<bench_plan> plan_site(const bench_settings& settings, std::string title,
                              const std::string& file, std::vector<unsigned> usual,
                              const claim_pair& claims) {
    auto made = scratch::make();
    if (!made) {
        return std::unexpected{made.error()};
    }
    const auto folder = std::make_shared<scratch>(*std::move(made));
    if (!folder->add_noise("4k.bin", small_bytes, settings.seed) ||
        !folder->add_noise("1m.bin", large_bytes, settings.seed)) {
        return std::unexpected{std::string{"can't write files of 4 KB and 1 MB"}};
    }
    bench_plan plan{.title = std::move(title),
                    .operation = "request",
                    .ratios = {metric::rate, metric::cpu},
                    .rows = {},
                    .charts = {{metric::cpu}, {metric::rate}, {metric::p99, true}},
                    .notes = {"Files in the page cache, one worker each, closed loop. The "
                              "tutorial's \"standard\" stands beside nginx (epoll and sendfile), "
                              "its io_uring beside ringway serve."}};
    for (const auto connections : connections_or(settings, std::move(usual))) {
        const auto test = connections_text(connections);
        for (auto& server : site_servers(settings, folder->path(), folder->path())) {
            auto row = server.not_measured.empty()
                           ? served_row(test, server.subject, std::move(server.command),
                                        {.service = service_kind::http,
                                         .connections = connections,
                                         .path = "/" + file})
                           : missing_row(test, server.subject, server.not_measured);
            if (server.subject == "nginx") {
                row.claims.push_back(claims.standard);
            } else if (server.subject == "ringway serve") {
                row.claims.push_back(claims.uring);
            }
            plan.rows.push_back(std::move(row));
        }
    }
    plan.before_round = [folder](unsigned) {};  // Keeps the files as long as the plan.
    return plan;
}

outcome<bench_plan> plan_small(const bench_settings& settings) {
    return plan_site(settings, "one file of 4 KB over HTTP/1.1", "4k.bin", {1, 64, 1000},
                     {{metric::rate, 50'000}, {metric::rate, 200'000}});
}

outcome<bench_plan> plan_large(const bench_settings& settings) {
    return plan_site(settings, "one file of 1 MB over HTTP/1.1", "1m.bin", {1, 16},
                     {{metric::bytes, 1e9}, {metric::bytes, 5e9}});
}

constexpr std::array<bench_experiment, 2> experiments{{
    {"4k", "files of 4 KB: ringway serve, nginx, lighttpd", plan_small},
    {"1m", "files of 1 MB: the same", plan_large},
}};

}  // namespace

std::span<const bench_experiment> serve_experiments() { return experiments; }

}  // namespace ringway::lab
