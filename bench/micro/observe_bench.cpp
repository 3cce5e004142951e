// What counting and logging a request costs on its shard.
#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include <ringway/observe/access_log.hpp>
#include <ringway/observe/histogram.hpp>
#include <ringway/observe/http_metrics.hpp>

#include "observe/access_format.hpp"
#include "observe/byte_ring.hpp"

namespace observe = ringway::observe;

namespace {

observe::access_record typical_record() {
    observe::access_record record;
    record.unix_ns = 1'767'225'600'000'000'000;
    record.client = "203.0.113.57";
    record.method = "GET";
    record.target = "/assets/app-4f2a1c9e.js?v=20260131";
    record.referer = "https://www.example.org/index.html";
    record.user_agent =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/126.0.0.0 Safari/537.36";
    record.bytes = 48'213;
    record.duration_us = 187;
    record.connection_id = 123'456;
    record.status = 200;
    record.cache = observe::cache_tier::body;
    return record;
}

void histogram_record(benchmark::State& state) {
    observe::histogram target;
    std::uint64_t value = 88'172'645'463'325'252;
    for (auto step : state) {
        value ^= value << 13U;  // xorshift: another bucket each time
        value ^= value >> 7U;
        value ^= value << 17U;
        target.record(value >> 36U);
    }
    benchmark::DoNotOptimize(target.max());
}
BENCHMARK(histogram_record);

void metrics_request(benchmark::State& state) {
    const auto target = std::make_unique<observe::http_metrics>();
    std::uint64_t duration = 1;
    for (auto step : state) {
        duration = duration * 2'862'933'555'777'941'757U + 3'037'000'493U;
        target->request_started();
        target->request_done({.bytes = 1000, .duration_ns = duration >> 44U});
    }
    benchmark::DoNotOptimize(target->in_flight.get());
}
BENCHMARK(metrics_request);

// The shard's side of the access log alone: the ring is emptied here instead of by the writer, so
// that no line is dropped however fast they come. Look at the CPU column.
void submit(benchmark::State& state, observe::log_format format) {
    observe::detail::access_formatter formatter{format};
    observe::detail::byte_ring ring{1U << 20U, observe::detail::access_line_bytes_max};
    auto record = typical_record();
    for (auto step : state) {
        record.unix_ns += 4000;  // 250,000 requests a second: a new date every so often.
        char* const place = ring.begin_write();
        ring.end_write(formatter.format(record, place));
        if (ring.over_half()) {
            const auto parts = ring.readable();
            ring.consume(parts[0].size() + parts[1].size());
        }
    }
}
BENCHMARK_CAPTURE(submit, combined, observe::log_format::combined);
BENCHMARK_CAPTURE(submit, json, observe::log_format::json);

// The real thing, back to back, which is more than any shard does: it shows the cost of a line that
// finds no room, as far as lines are dropped.
void submit_and_overrun(benchmark::State& state) {
    auto opened = observe::access_log::open({.path = "/dev/null"});
    if (!opened) {
        state.SkipWithError("cannot open the log");
        return;
    }
    const auto record = typical_record();
    for (auto step : state) {
        (*opened)->submit(0, record);
    }
    state.counters["dropped"] = benchmark::Counter(static_cast<double>((*opened)->dropped(0)),
                                                   benchmark::Counter::kAvgIterations);
}
BENCHMARK(submit_and_overrun);

}  // namespace

BENCHMARK_MAIN();
