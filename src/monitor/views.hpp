// From snapshots to tables.
#pragma once

#include "monitor/model.hpp"
#include "monitor/table.hpp"

namespace ringway::monitor {

/// The view as a table, unsorted: rates are those between the two snapshots. Without `before` they
/// are of the whole time since the monitor began.
/// Lifetime: the table keeps nothing of the snapshots.
[[nodiscard]] table make_view(view_id which, const snapshot& now, const snapshot* before);

/// The column by which a view is sorted when nothing is said.
[[nodiscard]] std::string_view default_sort(view_id which) noexcept;

namespace detail {

[[nodiscard]] table connections_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table sources_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table drops_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table connects_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table queues_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table uring_view(const snapshot& now, const snapshot* before);
[[nodiscard]] table programs_view(const snapshot& now, const snapshot* before);

/// Seconds between the snapshots, never 0.
[[nodiscard]] double seconds_between(const snapshot& now, const snapshot* before) noexcept;

/// Growth per second; 0 where a counter began anew.
[[nodiscard]] double rate(std::uint64_t now, std::uint64_t before, double seconds) noexcept;

/// The bound of the bucket in microseconds below which `share` of all lie; 0 if there are none.
[[nodiscard]] double quantile_us(const __u64* buckets, double share) noexcept;

}  // namespace detail
}  // namespace ringway::monitor
