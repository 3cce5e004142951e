#include "cli/get_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/observe/histogram.hpp>
#include <ringway/runtime/sleep.hpp>

#include "cli/human_text.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

struct bench_counts {
    std::uint64_t begun = 0;
    std::uint64_t done = 0;      // Answers with a status below 400, complete.
    std::uint64_t statuses = 0;  // Complete ones of 400 and more.
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;  // Of bodies.
    std::uint64_t connections = 0;
    std::string last_problem;
};

// A run: what its connections share.
struct bench_run {
    const get_options& options;
    http::client& client;
    std::vector<http::client_request> requests;
    bench_counts counts;
    observe::histogram latency;
    nanoseconds ends{0};
    http::client_version version = http::client_version::automatic;

    // The next request to send, or null when it is time to end.
    const http::client_request* next() noexcept {
        const bool enough = options.bench_requests != 0 ? counts.begun >= options.bench_requests
                                                        : driver::current().now() >= ends;
        return enough ? nullptr : &requests[counts.begun++ % requests.size()];
    }

    // Requests on one connection: HTTP/1.1 has one, whatever was asked for.
    [[nodiscard]] std::uint64_t at_a_time() const noexcept {
        return version == http::client_version::http_1_1 ? 1 : options.bench_streams;
    }

    // Nobody sleeps beyond the end.
    [[nodiscard]] nanoseconds after_pause() const noexcept {
        const nanoseconds then = driver::current().now() + options.bench_pause;
        return options.bench_requests != 0 ? then : std::min(then, ends);
    }

    void fail_with(std::string_view why) {
        ++counts.failed;
        counts.last_problem = why;
    }
};

// One request from beginning to end. False: the connection is of no more use.
task<bool> ask(bench_run& run, http::client_connection& on, const http::client_request& what) {
    const nanoseconds begun = driver::current().now();
    const auto exchange = on.begin(what);
    const auto head = co_await exchange->head();
    bool fine = head.has_value();
    while (fine) {
        const auto piece = co_await exchange->read();
        if (!piece || !*piece) {
            fine = piece.has_value();
            break;
        }
        run.counts.bytes += piece->bytes().size();
    }
    co_await exchange->finish();
    if (fine) {
        ++(head->status < 400 ? run.counts.done : run.counts.statuses);
        run.latency.record(static_cast<std::uint64_t>((driver::current().now() - begun).count()));
    } else if (const stop_source* stop = co_await this_stop{};
               stop == nullptr || !stop->stop_requested()) {
        run.fail_with(exchange->problem());
    }
    co_return fine;
}

// One of the streams of a connection: a request when the last has ended.
task<void> keep_asking(bench_run& run, http::client_connection& on) {
    while (on.takes_more()) {
        const auto* const what = run.next();
        if (what == nullptr) {
            co_return;
        }
        const bool fine = co_await ask(run, on, *what);
        if (!fine) {
            co_return;
        }
        if (run.options.bench_pause.count() > 0) {
            const auto slept = co_await sleep_until{run.after_pause()};
            if (!slept) {
                co_return;
            }
        }
    }
}

// A connection, and another when it ends.
task<void> keep_connected(bench_run& run) {
    unsigned failed_in_a_row = 0;
    while (failed_in_a_row < 3) {
        http::client_timings ignored;
        auto made = co_await run.client.connect(run.requests.front().target, ignored,
                                                driver::current().now(), true);
        if (!made) {
            if (made.error().what.code == errc::canceled) {
                co_return;
            }
            run.fail_with(made.error().text);
            ++failed_in_a_row;
            continue;
        }
        ++run.counts.connections;
        run.version = (*made)->version();
        const std::uint64_t before = run.counts.done;
        scope streams;
        for (std::uint64_t i = 0; i < run.at_a_time(); ++i) {
            streams.spawn(keep_asking(run, **made));
        }
        co_await streams.join();
        failed_in_a_row = run.counts.done > before ? 0 : failed_in_a_row + 1;
        const stop_source* const stop = co_await this_stop{};
        const bool enough = run.options.bench_requests != 0
                                ? run.counts.begun >= run.options.bench_requests
                                : driver::current().now() >= run.ends;
        if (enough || (stop != nullptr && stop->stop_requested())) {
            co_return;
        }
    }
}

// Requests that are under way at the end may be answered yet, within reason.
task<void> end_in_time(const bench_run& run, scope& connections) {
    constexpr std::chrono::seconds grace{2};
    const auto slept = co_await sleep_until{run.ends + grace};
    if (slept) {
        connections.request_stop();
    }
}

void print_people(const bench_run& run, double seconds) {
    const auto& counts = run.counts;
    const auto at = [&run](double q) {
        return span_text(nanoseconds{static_cast<std::int64_t>(run.latency.quantile(q))});
    };
    print_text("{}, {} connections, {} at a time on each{}\n", http::name_of(run.version),
               run.options.bench_connections, run.at_a_time(),
               run.at_a_time() < run.options.bench_streams ? ": more needs HTTP/2 or HTTP/3" : "");
    print_text("requests   {} in {:.2f} s, {:.0f}/s\n", counts.done, seconds,
               static_cast<double>(counts.done) / seconds);
    print_text("bytes      {}, {}/s\n", size_text(counts.bytes),
               size_text(static_cast<std::uint64_t>(static_cast<double>(counts.bytes) / seconds)));
    print_text("latency    p50 {}, p90 {}, p99 {}, p99.9 {}, most {}\n", at(0.5), at(0.9), at(0.99),
               at(0.999), at(1));
    print_text("errors     {} failed, {} with a status of 400 or more{}\n", counts.failed,
               counts.statuses,
               counts.last_problem.empty() ? "" : "; the last: " + counts.last_problem);
    std::fflush(stdout);
}

void print_json(const bench_run& run, double seconds) {
    const auto& counts = run.counts;
    const auto at = [&run](double q) { return static_cast<double>(run.latency.quantile(q)) / 1e9; };
    const nlohmann::ordered_json out{{"version", http::name_of(run.version)},
                                     {"connections", run.options.bench_connections},
                                     {"streams", run.at_a_time()},
                                     {"seconds", seconds},
                                     {"requests", counts.done},
                                     {"requests_per_s", static_cast<double>(counts.done) / seconds},
                                     {"bytes", counts.bytes},
                                     {"bytes_per_s", static_cast<double>(counts.bytes) / seconds},
                                     {"latency_s",
                                      {{"p50", at(0.5)},
                                       {"p90", at(0.9)},
                                       {"p99", at(0.99)},
                                       {"p99.9", at(0.999)},
                                       {"max", at(1)},
                                       {"mean", run.latency.mean() / 1e9}}},
                                     {"failed", counts.failed},
                                     {"statuses_400_and_more", counts.statuses},
                                     {"connections_made", counts.connections},
                                     {"last_problem", counts.last_problem}};
    print_text("{}\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    std::fflush(stdout);
}

}  // namespace

task<void> run_bench(const get_options& options, http::client& client,
                     std::vector<get_exit>& statuses) {
    bench_run run{options, client, {}, {}, observe::histogram{}};
    for (const wire::url& each : options.urls) {
        http::client_request made{.target = each, .fields = options.fields};
        for (const auto& field : client.options().fields) {
            if (http::find_field(made.fields, field.name) == nullptr) {
                made.fields.push_back(field);
            }
        }
        run.requests.push_back(std::move(made));
    }
    const nanoseconds started = driver::current().now();
    run.ends = started + options.bench_duration;
    scope connections;
    for (std::uint64_t i = 0; i < options.bench_connections; ++i) {
        connections.spawn(keep_connected(run));
    }
    scope watch;
    if (options.bench_requests == 0) {
        watch.spawn(end_in_time(run, connections));
    }
    co_await connections.join();
    watch.request_stop();
    co_await watch.join();
    const double seconds = static_cast<double>((driver::current().now() - started).count()) / 1e9;
    if (options.json) {
        print_json(run, seconds);
    } else {
        print_people(run, seconds);
    }
    statuses.assign(1, run.counts.done > 0 ? get_exit::ok : get_exit::failed);
}

}  // namespace ringway::cli
