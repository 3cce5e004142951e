// What the monitor has seen, as JSON.
#pragma once

#include <string>
#include <vector>

#include "monitor/model.hpp"
#include "monitor/table.hpp"

namespace ringway::cli {

/// One look as one line: {"time", "interval_s", "views": {NAME: {"facts", "rows"}}, "lost", ...}. A
/// view that has nothing to show says why, as "missing". Ends with a line feed.
[[nodiscard]] std::string snapshot_json(const monitor::snapshot& now, double interval_s,
                                        const std::vector<monitor::table>& views);

/// A connection that has ended, as one line. Ends with a line feed.
[[nodiscard]] std::string flow_json(const monitor::flow_record& flow, std::int64_t unix_ms,
                                    std::uint64_t monotonic_ns);

/// "2026-01-31T23:59:59.123Z".
[[nodiscard]] std::string time_text(std::int64_t unix_ms);

}  // namespace ringway::cli
