// What is measured of an operation: names, units, and which way is better.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringway::lab {

enum class metric : std::uint8_t {
    offered,  ///< Operations per second that were asked for, where the rate is constant.
    rate,     ///< Operations per second that were done.
    bytes,    ///< Bytes of content per second.
    p50,      ///< Latency in microseconds, as the next two.
    p99,
    p999,
    cpu,       ///< Processor time of the one that is measured, in microseconds per operation.
    syscalls,  ///< System calls of the one that is measured, per operation.
    busy,      ///< Processor time of the one that is measured, in percent of one core.
    load,      ///< The same of the load generator: near 100 it sets the rate, not the server.
    late,      ///< Of a constant rate: how late the load itself was, p99 in microseconds.
    others,    ///< Processor time of everybody else on this machine, in percent of one core.
    stolen,    ///< Percent of the machine's time that its host took away.
    count_
};

inline constexpr std::size_t metric_count = static_cast<std::size_t>(metric::count_);

enum class better : std::uint8_t { higher, lower, neither };

struct metric_facts {
    std::string_view name;     ///< In JSON, with its unit: "p50_us".
    std::string_view heading;  ///< Of a column: "p50 us".
    std::string_view title;    ///< Of a chart.
    better direction;
};

[[nodiscard]] const metric_facts& facts_of(metric what) noexcept;

/// The one called `name` in JSON.
[[nodiscard]] std::optional<metric> find_metric(std::string_view name) noexcept;

/// As short as a cell of a table wants it, with three significant digits: "12.3", "1.85 GB".
/// "-" for what was not measured (not a number).
[[nodiscard]] std::string value_text(metric what, double value);

/// As `value_text`, with the unit behind it: "12.3 us", "101,000/s".
[[nodiscard]] std::string value_with_unit(metric what, double value);

/// Every metric once, in the order of the columns.
[[nodiscard]] const std::array<metric, metric_count>& all_metrics() noexcept;

}  // namespace ringway::lab
