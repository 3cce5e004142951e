#include "lab/probe.hpp"

#include <charconv>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include <ringway/coro/scope.hpp>
#include <ringway/http/client.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/sleep.hpp>
#include <ringway/wire/url.hpp>

#include "observe/print_text.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t argument_count = 8;

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional{value}
                                                                           : std::nullopt;
}

// What all tasks of a run share.
struct probe_run {
    const probe_options& options;
    http::client& client;
    http::client_request bulk{};
    http::client_request probe{};
    std::vector<double> latencies_ms;
    std::vector<double> began_ms;  // Of the same; CLOCK_MONOTONIC.
    std::uint64_t bulk_bytes = 0;
    std::uint64_t failed = 0;
    std::string problem;
    double seconds = 0;
    bool over = false;  // All small requests have their answers.
};

nanoseconds now() { return driver::current().now(); }

// Reads what is left of a response. False if it broke off.
task<bool> read_all(http::client_exchange& from) {
    for (;;) {
        const auto piece = co_await from.read();
        if (!piece || !*piece) {
            co_return piece.has_value();
        }
    }
}

task<void> ask(probe_run& run, http::client_connection& on) {
    const auto began = now();
    if (!on.takes_more()) {  // Too many wait for their answers already.
        ++run.failed;
        run.problem = "the connection took no more requests";
        co_return;
    }
    const auto exchange = on.begin(run.probe);
    const auto head = co_await exchange->head();
    bool fine = head.has_value() && head->status == 200;
    if (fine) {
        fine = co_await read_all(*exchange);
    }
    using milliseconds = std::chrono::duration<double, std::milli>;
    if (fine) {
        run.latencies_ms.push_back(milliseconds{now() - began}.count());
        run.began_ms.push_back(milliseconds{began}.count());
    } else {
        ++run.failed;
        run.problem = exchange->problem();
    }
    co_await exchange->finish();
}

task<void> fetch_chunk(probe_run& run, http::client_connection& on) {
    if (!on.takes_more()) {
        co_return;
    }
    const auto exchange = on.begin(run.bulk);
    const auto head = co_await exchange->head();
    for (bool goes_on = head.has_value(); goes_on;) {
        const auto piece = co_await exchange->read();
        goes_on = piece.has_value() && static_cast<bool>(*piece);
        run.bulk_bytes += goes_on ? piece->bytes().size() : 0;
    }
    co_await exchange->finish();
}

// A larger request at each tick, whether or not the one before has its answer, until the small ones
// are done.
task<void> fetch_bulk(probe_run& run, http::client_connection& on) {
    const auto began = now();
    scope chunks;
    interval ticks{run.options.bulk_interval};
    while (!run.over) {
        chunks.spawn(fetch_chunk(run, on));
        static_cast<void>(co_await ticks.next());
    }
    co_await chunks.join();
    run.seconds = std::chrono::duration<double>{now() - began}.count();
}

task<void> ask_again_and_again(probe_run& run, http::client_connection& on) {
    static_cast<void>(co_await sleep_for(run.options.warm_up));
    scope asking;
    interval ticks{run.options.interval};
    for (std::uint64_t i = 0; i < run.options.count; ++i) {
        asking.spawn(ask(run, on));
        static_cast<void>(co_await ticks.next());
    }
    co_await asking.join();
    run.over = true;
}

task<void> run_all(probe_run& run) {
    http::client_timings ignored;
    const auto connection = co_await run.client.connect(run.bulk.target, ignored, now(), true);
    if (!connection) {
        run.problem = connection.error().text;
        run.failed = run.options.count;
        co_return;
    }
    scope both;
    both.spawn(fetch_bulk(run, **connection));
    both.spawn(ask_again_and_again(run, **connection));
    co_await both.join();
}

void print(const probe_run& run) {
    const nlohmann::json out{{"probe_ms", run.latencies_ms}, {"began_ms", run.began_ms},
                             {"bulk_bytes", run.bulk_bytes}, {"seconds", run.seconds},
                             {"failed", run.failed},         {"problem", run.problem}};
    print_text("{}\n", out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(stdout);
}

task<void> main_of(const probe_options& options) {
    http::client client{{.version = options.version, .trust_file = options.trust_file}};
    probe_run run{.options = options, .client = client};
    const auto bulk = wire::parse_url(options.bulk_url);
    const auto probe = wire::parse_url(options.probe_url);
    if (bulk && probe) {
        run.bulk.target = *bulk;
        run.probe.target = *probe;
        // Both kinds take turns where the server knows priorities (RFC 9218 section 4.2).
        run.bulk.fields = run.probe.fields = {{"priority", "i"}};
        co_await run_all(run);
    } else {
        run.problem = "a URL that can't be read";
    }
    print(run);
    co_await client.close();
}

}  // namespace

std::vector<std::string> to_arguments(const probe_options& options) {
    return {options.version == http::client_version::http_3 ? "3" : "2",
            options.trust_file,
            options.bulk_url,
            options.probe_url,
            std::to_string(options.warm_up.count()),
            std::to_string(options.interval.count()),
            std::to_string(options.count),
            std::to_string(options.bulk_interval.count())};
}

std::optional<probe_options> from_arguments(std::span<const std::string> arguments) {
    if (arguments.size() != argument_count) {
        return std::nullopt;
    }
    const auto warm_up = number_of(arguments[4]);
    const auto pause = number_of(arguments[5]);
    const auto count = number_of(arguments[6]);
    const auto bulk = number_of(arguments[7]);
    if ((arguments[0] != "2" && arguments[0] != "3") || !warm_up || !pause || *pause == 0 ||
        !count || !bulk || *bulk == 0) {
        return std::nullopt;
    }
    return probe_options{.version = arguments[0] == "3" ? http::client_version::http_3
                                                        : http::client_version::http_2,
                         .trust_file = arguments[1],
                         .bulk_url = arguments[2],
                         .probe_url = arguments[3],
                         .warm_up = std::chrono::milliseconds{*warm_up},
                         .interval = std::chrono::milliseconds{*pause},
                         .count = *count,
                         .bulk_interval = std::chrono::milliseconds{*bulk}};
}

int run_probe(const probe_options& options) {
    auto made = cluster::make({.shards = 1, .pin = false});
    if (!made) {
        print_text(stderr, "ringway: the event loop could not start: {}\n",
                   explain_driver_refusal(made.error()));
        return 1;
    }
    const auto ran = (*made)->run([&options](shard&) { return main_of(options); });
    return ran ? 0 : 1;
}

}  // namespace ringway::lab
