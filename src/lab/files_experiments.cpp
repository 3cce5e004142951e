// The group `files`: reading files in every way that there is.
#include <array>
#include <fmt/core.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lab/bench_groups.hpp"
#include "lab/files_small.hpp"
#include "lab/files_ways.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {
namespace {

constexpr std::uint64_t file_bytes = std::uint64_t{1} << 30U;
constexpr std::uint64_t file_bytes_quick = std::uint64_t{1} << 26U;
constexpr std::uint32_t small_block = 4096;
constexpr std::uint32_t large_block = 1 << 20;
constexpr unsigned sequential_depth = 4;
constexpr std::string_view fio = "fio, io_uring";

using target = std::shared_ptr<const files_target>;
using claims = std::vector<claimed_value>;

outcome<target> make_target(const bench_settings& settings) {
    settings.tell("files: writing the file that is read");
    auto made = files_target::make(settings.directory,
                                   settings.quick ? file_bytes_quick : file_bytes, settings.seed);
    if (!made) {
        return std::unexpected{made.error()};
    }
    return std::make_shared<const files_target>(*std::move(made));
}

measured_row row(std::string test, std::string subject,
                 std::move_only_function<outcome<measurement>(const trial&)> measure,
                 claims claimed = {}) {
    return {.test = std::move(test),
            .subject = std::move(subject),
            .measure = std::move(measure),
            .not_measured = {},
            .claims = std::move(claimed)};
}

measured_row fio_row(const std::string& test, const target& of, const read_load& load,
                     bool enrolls) {
    const std::string subject = std::string{fio} + (enrolls ? ", fixed" : "");
    if (!has_program("fio")) {
        return missing_row(test, subject, "needs fio: apt install fio");
    }
    return row(test, subject, [of, load, enrolls](const trial& how) {
        return measure_fio(how, *of, load, enrolls);
    });
}

measured_row runtime_row(const std::string& test, std::string subject, const target& of,
                         const read_load& load, const runtime_way& way, claims claimed = {}) {
    return row(
        test, std::move(subject),
        [of, load, way](const trial& how) { return measure_runtime(how, *of, load, way); },
        std::move(claimed));
}

measured_row blocking_row(const std::string& test, std::string subject, const target& of,
                          const read_load& load, blocking_way way, claims claimed = {}) {
    return row(
        test, std::move(subject),
        [of, load, way](const trial& how) { return measure_blocking(how, *of, load, way); },
        std::move(claimed));
}

measured_row stream_row(const std::string& test, std::string subject, const target& of,
                        const read_load& load, claims claimed = {}) {
    return row(
        test, std::move(subject),
        [of, load](const trial& how) { return measure_stream(how, *of, load); },
        std::move(claimed));
}

bench_plan plan_of(std::string title, std::string baseline) {
    return {.title = std::move(title),
            .operation = "read",
            .baseline = std::move(baseline),
            .ratios = {metric::rate, metric::cpu},
            .rows = {},
            .charts = {{metric::p50, true}, {metric::rate}, {metric::cpu}},
            .notes = {},
            .before_round = {}};
}

outcome<bench_plan> plan_random(const bench_settings& settings) {
    const auto made = make_target(settings);
    if (!made) {
        return std::unexpected{made.error()};
    }
    const target& of = *made;
    auto plan = plan_of("random reads of 4 KB past the page cache (O_DIRECT)", std::string{fio});
    plan.notes = {
        "fio runs with --ioengine=io_uring, on the same file, core and depth. Its system "
        "calls are not counted."};
    for (const unsigned depth : {1U, 32U, 128U}) {
        const auto test = fmt::format("depth {}", depth);
        const read_load load{.block_bytes = small_block, .depth = depth};
        const claims claimed = depth == 1 ? claims{{metric::p50, 20}} : claims{};
        plan.rows.push_back(fio_row(test, of, load, false));
        plan.rows.push_back(fio_row(test, of, load, true));
        plan.rows.push_back(runtime_row(test, "ringway, io_uring", of, load, {}, claimed));
        plan.rows.push_back(
            runtime_row(test, "ringway, io_uring, fixed", of, load, {.enrolls = true}));
        plan.rows.push_back(
            runtime_row(test, "ringway, io_uring, IOPOLL", of, load, {.polled = true}));
        plan.rows.push_back(runtime_row(test, "ringway, epoll", of, load, {.epoll = true}));
        plan.rows.push_back(blocking_row(test, depth == 1 ? "pread" : "pread, a thread each", of,
                                         load, blocking_way::pread));
    }
    return plan;
}

void add_buffered(bench_plan& plan, const target& of, const std::string& test, bool cold,
                  unsigned depth, bool claim) {
    const read_load load{.block_bytes = small_block, .depth = depth, .direct = false, .cold = cold};
    const auto say = [claim](double p50) { return claim ? claims{{metric::p50, p50}} : claims{}; };
    plan.rows.push_back(blocking_row(test, "pread", of, load, blocking_way::pread, say(100)));
    plan.rows.push_back(
        blocking_row(test, "preadv2, RWF_NOWAIT first", of, load, blocking_way::nowait));
    plan.rows.push_back(blocking_row(test, "mmap", of, load, blocking_way::mapped, say(50)));
    plan.rows.push_back(runtime_row(test, "ringway, io_uring", of, load, {}, say(40)));
    plan.rows.push_back(runtime_row(test, "ringway, io_uring, fixed", of, load, {.enrolls = true}));
    plan.rows.push_back(runtime_row(test, "ringway, epoll", of, load, {.epoll = true}));
    plan.rows.push_back(fio_row(test, of, load, false));
}

outcome<bench_plan> plan_buffered(const bench_settings& settings) {
    const auto made = make_target(settings);
    if (!made) {
        return std::unexpected{made.error()};
    }
    auto plan = plan_of("random reads of 4 KB through the page cache", "pread");
    plan.notes = {
        "Cold: the file was dropped from the page cache (checked by mincore) and each "
        "block is read once, without read-ahead, but for fio's, which may meet one "
        "again. Warm: all of it is in the page cache."};
    add_buffered(plan, *made, "cold, depth 1", true, 1, true);
    add_buffered(plan, *made, "cold, depth 32", true, 32, false);
    add_buffered(plan, *made, "warm, depth 1", false, 1, false);
    add_buffered(plan, *made, "warm, depth 32", false, 32, false);
    return plan;
}

outcome<bench_plan> plan_sequential(const bench_settings& settings) {
    const auto made = make_target(settings);
    if (!made) {
        return std::unexpected{made.error()};
    }
    const target& of = *made;
    auto plan = plan_of("a file from begin to end in pieces of 1 MB", "");
    plan.ratios = {metric::bytes, metric::cpu};
    plan.charts = {{metric::bytes}, {metric::cpu}};
    plan.notes = {
        fmt::format("Depth {}: so many reads are under way at a time, with the streams "
                    "beside the piece that is in use.",
                    sequential_depth)};
    const auto giga = [](double count) { return claims{{metric::bytes, count * 1e9}}; };
    const read_load direct{.block_bytes = large_block, .depth = sequential_depth, .random = false};
    const std::string past = "past the page cache";
    plan.rows.push_back(fio_row(past, of, direct, false));
    plan.rows.push_back(runtime_row(past, "ringway, io_uring", of, direct, {}, giga(5)));
    plan.rows.push_back(
        runtime_row(past, "ringway, io_uring, fixed", of, direct, {.enrolls = true}));
    plan.rows.push_back(stream_row(past, "ringway, stream_reader", of, direct));
    read_load one = direct;
    one.depth = 1;
    plan.rows.push_back(blocking_row(past, "pread", of, one, blocking_way::pread));
    for (const bool cold : {true, false}) {
        const std::string test = cold ? "cold" : "warm";
        const read_load load{.block_bytes = large_block,
                             .depth = sequential_depth,
                             .random = false,
                             .direct = false,
                             .cold = cold};
        one = load;
        one.depth = 1;
        plan.rows.push_back(blocking_row(test, "read", of, one, blocking_way::pread, giga(1)));
        plan.rows.push_back(blocking_row(test, "mmap", of, one, blocking_way::mapped, giga(2)));
        plan.rows.push_back(runtime_row(test, "ringway, io_uring", of, load, {}, giga(3)));
        plan.rows.push_back(stream_row(test, "ringway, stream_reader", of, load));
        plan.rows.push_back(fio_row(test, of, load, false));
    }
    return plan;
}

outcome<bench_plan> plan_small(const bench_settings& settings) {
    const std::size_t count = settings.quick ? 1000 : 10'000;
    settings.tell("files: writing the small files that are read");
    auto made = small_files::make(settings.directory, count, small_block);
    if (!made) {
        return std::unexpected{made.error()};
    }
    const std::shared_ptr<const small_files> of = *std::move(made);
    auto plan = plan_of(fmt::format("{} files of 4 KB, opened, read and closed", count),
                        "open, read, close");
    plan.operation = "file";
    plan.charts = {{metric::rate}, {metric::cpu}};
    plan.notes = {
        "Cold: their content was dropped from the page cache; names and inodes are known. "
        "Latency of one file is known of the loop only. All kept: every content stays in memory of "
        "its own; else it is looked at once."};
    const auto loop = [&](std::string subject, const small_way& way) {
        plan.rows.push_back(
            row(way.cold ? "cold" : "warm", std::move(subject),
                [of, way](const trial& how) { return measure_small_loop(how, *of, way); }));
    };
    const auto batch = [&](std::string subject, const small_way& way) {
        plan.rows.push_back(
            row(way.cold ? "cold" : "warm", std::move(subject),
                [of, way](const trial& how) { return measure_small_batch(how, *of, way); }));
    };
    for (const bool cold : {true, false}) {
        loop("open, read, close", {.cold = cold});
        batch("ringway, 32 at a time", {.cold = cold, .at_once = 32});
        batch("ringway, 256 at a time", {.cold = cold});
        batch("ringway, epoll", {.cold = cold, .epoll = true});
        loop("the loop, all kept", {.cold = cold, .kept = true});
        batch("ringway, all kept", {.cold = cold, .kept = true});
    }
    return plan;
}

constexpr std::array<bench_experiment, 4> experiments{{
    {"random", "4 KB at random places past the page cache, depth 1, 32 and 128, against fio",
     plan_random},
    {"buffered", "4 KB at random places through the page cache, cold and warm", plan_buffered},
    {"sequential", "a file from begin to end in pieces of 1 MB, in every way", plan_sequential},
    {"small", "thousands of small files: batches against a loop", plan_small},
}};

}  // namespace

std::span<const bench_experiment> files_experiments() { return experiments; }

}  // namespace ringway::lab
