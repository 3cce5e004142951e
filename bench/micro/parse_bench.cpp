// What one request costs in wire: reading the head, and the decisions that follow from it.
#include <array>
#include <cstddef>
#include <string_view>

#include <benchmark/benchmark.h>

#include <ringway/wire/accept_encoding.hpp>
#include <ringway/wire/conditional.hpp>
#include <ringway/wire/date.hpp>
#include <ringway/wire/field.hpp>
#include <ringway/wire/h1_request.hpp>
#include <ringway/wire/h1_response.hpp>
#include <ringway/wire/path.hpp>
#include <ringway/wire/range.hpp>

namespace {

using namespace std::string_view_literals;
namespace wire = ringway::wire;

constexpr auto simple_request = "GET /4k.bin HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"sv;
constexpr auto four_fields =
    "GET /assets/app.js HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: curl/8.5.0\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, br\r\n\r\n"sv;
constexpr auto browser_request =
    "GET /assets/app-3f2a9c.js HTTP/1.1\r\nHost: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Connection: keep-alive\r\nReferer: https://www.example.org/index.html\r\n"
    "If-None-Match: \"1000-17a3b2c1d0e\"\r\nSec-Fetch-Dest: script\r\n"
    "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: same-origin\r\n\r\n"sv;

void parse_head(benchmark::State& state, std::string_view request) {
    wire::h1_request_parser parser;
    for (auto _ : state) {
        const auto outcome = parser.parse(request);
        if (outcome.what != wire::h1_request_parser::status::complete) {
            state.SkipWithError("not complete");
            break;
        }
        benchmark::DoNotOptimize(parser.head().present);
        parser.next();
    }
}
BENCHMARK_CAPTURE(parse_head, simple, simple_request);
BENCHMARK_CAPTURE(parse_head, four_fields, four_fields);
BENCHMARK_CAPTURE(parse_head, browser, browser_request);

// Goal: what comes before a file is looked up, together.
void parse_and_resolve(benchmark::State& state) {
    wire::h1_request_parser parser;
    std::array<char, 4096> scratch{};
    for (auto _ : state) {
        const auto outcome = parser.parse(four_fields);
        benchmark::DoNotOptimize(outcome.consumed);
        const auto target = wire::split_target(parser.head().target);
        const auto path = wire::normalize_path(target.path, scratch);
        benchmark::DoNotOptimize(path.path.data());
        parser.next();
    }
}
BENCHMARK(parse_and_resolve);

void classify_field(benchmark::State& state) {
    constexpr std::array names{"Host"sv, "User-Agent"sv, "Accept"sv, "Accept-Encoding"sv};
    for (auto _ : state) {
        for (auto name : names) {
            benchmark::DoNotOptimize(name);
            benchmark::DoNotOptimize(wire::classify_field(name));
        }
    }
}
BENCHMARK(classify_field);

void normalize_path(benchmark::State& state) {
    std::array<char, 4096> scratch{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::normalize_path("/assets/img/logo%20small.png", scratch));
    }
}
BENCHMARK(normalize_path);

void parse_range(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::parse_range("bytes=1000-1999", 1'000'000));
    }
}
BENCHMARK(parse_range);

void parse_date(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"));
    }
}
BENCHMARK(parse_date);

void choose_coding(benchmark::State& state) {
    const std::uint8_t all = 0xf;
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::choose_coding("gzip, deflate, br, zstd", all));
    }
}
BENCHMARK(choose_coding);

void write_head(benchmark::State& state) {
    constexpr std::array<wire::header_field, 6> fields{{
        {"Server", "ringway"},
        {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"Content-Type", "text/javascript; charset=utf-8"},
        {"Content-Length", "4096"},
        {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"ETag", "\"1000-17a3b2c1d0e\""},
    }};
    std::array<char, 1024> out{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::write_head(out, 1, 200, fields));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(write_head);

}  // namespace

BENCHMARK_MAIN();
