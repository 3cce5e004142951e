// fio(1), the yardstick of reading files.
#include <chrono>
#include <cstdint>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lab/files_ways.hpp"
#include "lab/process.hpp"

namespace ringway::lab {
namespace {

constexpr double patience_seconds = 30;  // Beyond the time of measuring.

std::vector<std::string> arguments_of(const trial& how, const files_target& of,
                                      const read_load& load, bool enrolls) {
    std::vector<std::string> all{
        "fio",
        "--name=ringway",
        "--output-format=json",
        "--ioengine=io_uring",
        "--invalidate=0",
        "--readonly",

        "--lat_percentiles=1",
        "--clat_percentiles=0",
        "--percentile_list=50:99:99.9",
        "--filename=" + of.path(),
        fmt::format("--size={}", of.bytes()),
        fmt::format("--direct={}", load.direct ? 1 : 0),
        fmt::format("--rw={}", load.random ? "randread" : "read"),
        fmt::format("--bs={}", load.block_bytes),
        fmt::format("--iodepth={}", load.depth),
        fmt::format("--runtime={}ms", static_cast<int>(how.seconds * 1000)),
        fmt::format("--randseed={}", how.settings.seed + how.round)};
    if (load.direct || !load.cold) {
        all.emplace_back(
            "--time_based");  // Else what is read once would be read again, from the cache.
    }
    if (enrolls) {
        all.insert(all.end(), {"--fixedbufs=1", "--registerfiles=1"});
    }
    return all;
}

double number(const nlohmann::json& in, const char* name) {
    const auto found = in.find(name);
    return found != in.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

outcome<measurement> from_fio_json(const std::string& text) {
    const auto begin = text.find('{');
    const auto all =
        nlohmann::json::parse(begin == std::string::npos ? "" : text.substr(begin), nullptr, false);
    const auto path = nlohmann::json::json_pointer{"/jobs/0/read/lat_ns/percentile"};
    if (all.is_discarded() || !all.contains(path)) {
        return std::unexpected{std::string{"fio printed something else than expected"}};
    }
    const auto& job = all["jobs"][0];
    const auto& read = job["read"];
    measurement found;
    const double operations = number(read, "total_ios");
    const double seconds = number(read, "runtime") / 1000;
    found.set_counts(static_cast<std::uint64_t>(operations),
                     static_cast<std::uint64_t>(number(read, "io_bytes")), seconds);
    const auto& at = all[path];
    found.set(metric::p50, number(at, "50.000000") / 1000);
    found.set(metric::p99, number(at, "99.000000") / 1000);
    found.set(metric::p999, number(at, "99.900000") / 1000);
    const double busy = number(job, "usr_cpu") + number(job, "sys_cpu");
    found.set(metric::busy, busy);
    if (operations > 0) {
        found.set(metric::cpu, busy / 100 * seconds * 1e6 / operations);
    }
    found.failed = static_cast<std::uint64_t>(number(job, "total_err"));
    return found;
}

outcome<measurement> measure_fio(const trial& how, const files_target& of, const read_load& load,
                                 bool enrolls) {
    if (const auto ready = prepare_cache(of, load); !ready) {
        return std::unexpected{ready.error()};
    }
    auto running = process::start_on({.cores = {how.settings.server_core}},
                                     arguments_of(how, of, load, enrolls));
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto status = running->wait(std::chrono::milliseconds{
        static_cast<std::int64_t>((how.seconds + patience_seconds) * 1000)});
    if (!status) {
        return std::unexpected{status.error()};
    }
    if (*status != 0) {
        return std::unexpected{fmt::format("fio ended with {}: {}", *status, running->errors())};
    }
    return from_fio_json(running->output());
}

}  // namespace ringway::lab
