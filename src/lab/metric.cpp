#include "lab/metric.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

#include <ringway/base/assert.hpp>

namespace ringway::lab {
namespace {

constexpr std::array<metric_facts, metric_count> table{{
    {"offered_per_s", "asked/s", "Operations per second that were asked for", better::neither},
    {"per_s", "per s", "Operations per second", better::higher},
    {"bytes_per_s", "bytes/s", "Bytes per second", better::higher},
    {"p50_us", "p50 us", "Latency, median (us)", better::lower},
    {"p99_us", "p99 us", "Latency, 99th percentile (us)", better::lower},
    {"p999_us", "p99.9 us", "Latency, 99.9th percentile (us)", better::lower},
    {"cpu_us", "CPU us", "Processor time per operation (us)", better::lower},
    {"syscalls", "calls", "System calls per operation", better::lower},
    {"busy_percent", "busy %", "Processor time (percent of a core)", better::neither},
    {"load_percent", "load %", "Work of the load (percent of a core)", better::neither},
    {"late_us", "late us", "Lateness of the load itself, 99th percentile (us)", better::neither},
    {"others_percent", "others %", "Processor time of others (percent)", better::neither},
    {"stolen_percent", "stolen %", "Taken away by the host (percent)", better::neither},
}};

// Digits that mean something, and no more.
std::string short_number(double value) {
    const double size = std::abs(value);
    if (size >= 100 || size == 0) {
        return fmt::format("{:.0f}", value);
    }
    if (size >= 10) {
        return fmt::format("{:.1f}", value);
    }
    return size >= 0.01 ? fmt::format("{:.2f}", value) : fmt::format("{:.2g}", value);
}

std::string bytes_text(double value) {
    constexpr std::array<std::string_view, 5> units{"B", "KB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{} {}", short_number(value), units[unit]);
}

std::string grouped(double value) {
    auto digits = fmt::format("{:.0f}", value);
    for (std::size_t end = digits.size(); end > 3; end -= 3) {
        digits.insert(end - 3, ",");
    }
    return digits;
}

}  // namespace

const metric_facts& facts_of(metric what) noexcept {
    RW_ASSERT(what < metric::count_);
    return table[static_cast<std::size_t>(what)];
}

std::optional<metric> find_metric(std::string_view name) noexcept {
    const auto found = std::ranges::find(table, name, &metric_facts::name);
    return found == table.end() ? std::nullopt
                                : std::optional{static_cast<metric>(found - table.begin())};
}

std::string value_text(metric what, double value) {
    if (!std::isfinite(value)) {
        return "-";
    }
    switch (what) {
        case metric::bytes: return bytes_text(value);
        case metric::offered:
        case metric::rate: return value >= 1000 ? grouped(value) : short_number(value);
        case metric::busy:
        case metric::load:
        case metric::others: return fmt::format("{:.0f}", value);
        case metric::stolen: return fmt::format("{:.1f}", value);
        default: return short_number(value);
    }
}

std::string value_with_unit(metric what, double value) {
    const auto text = value_text(what, value);
    switch (what) {
        case metric::offered:
        case metric::rate:
        case metric::bytes: return text + "/s";
        case metric::p50:
        case metric::p99:
        case metric::p999:
        case metric::late:
        case metric::cpu: return text + " us";
        case metric::syscalls: return text + " calls";
        default: return text + " %";
    }
}

const std::array<metric, metric_count>& all_metrics() noexcept {
    static constexpr auto all = [] {
        std::array<metric, metric_count> made{};
        for (std::size_t i = 0; i < metric_count; ++i) {
            made[i] = static_cast<metric>(i);
        }
        return made;
    }();
    return all;
}

}  // namespace ringway::lab
