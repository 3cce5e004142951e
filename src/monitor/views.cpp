#include "monitor/views.hpp"

#include <algorithm>

namespace ringway::monitor {
namespace detail {

double seconds_between(const snapshot& now, const snapshot* before) noexcept {
    const std::uint64_t from = before != nullptr ? before->at_ns : now.started_ns;
    return std::max(static_cast<double>(now.at_ns - std::min(from, now.at_ns)) / 1e9, 1e-3);
}

double rate(std::uint64_t now, std::uint64_t before, double seconds) noexcept {
    return now < before ? 0 : static_cast<double>(now - before) / seconds;
}

double quantile_us(const __u64* buckets, double share) noexcept {
    std::uint64_t all = 0;
    for (unsigned i = 0; i < MONITOR_LATENCY_BUCKETS; ++i) {
        all += buckets[i];
    }
    if (all == 0) {
        return 0;
    }
    const double wanted = share * static_cast<double>(all);
    std::uint64_t seen = 0;
    unsigned bucket = 0;
    for (; bucket + 1 < MONITOR_LATENCY_BUCKETS; ++bucket) {
        seen += buckets[bucket];
        if (static_cast<double>(seen) >= wanted) {
            break;
        }
    }
    return static_cast<double>(std::uint64_t{2} << bucket);
}

}  // namespace detail

namespace {

table empty_view(view_id which, const snapshot& now, const snapshot* before) {
    switch (which) {
        case view_id::connections: return detail::connections_view(now, before);
        case view_id::sources: return detail::sources_view(now, before);
        case view_id::drops: return detail::drops_view(now, before);
        case view_id::connects: return detail::connects_view(now, before);
        case view_id::queues: return detail::queues_view(now, before);
        case view_id::io_uring: return detail::uring_view(now, before);
        case view_id::programs: return detail::programs_view(now, before);
    }
    return {};
}

}  // namespace

table make_view(view_id which, const snapshot& now, const snapshot* before) {
    table made = empty_view(which, now, before);
    made.view = which;
    made.missing = now.missing[static_cast<std::size_t>(which)];
    made.rows_before_filter = made.rows.size();
    if (!made.missing.empty()) {
        made.facts.clear();
    }
    return made;
}

std::string_view default_sort(view_id which) noexcept {
    switch (which) {
        case view_id::connections: return "total_bytes_s";
        case view_id::sources: return "bytes_s";
        case view_id::drops: return "packets_s";
        case view_id::connects: return "failed";
        case view_id::queues: return "filled";
        case view_id::io_uring: return "ops_s";
        case view_id::programs: return "cpu";
    }
    return {};
}

}  // namespace ringway::monitor
