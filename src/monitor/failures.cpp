#include "monitor/failures.hpp"

#include <algorithm>
#include <array>

namespace ringway::monitor {

void failure_table::add(const flow_record& failed) {
    const monitor_end& seen = failed.seen;
    const auto remote = std::to_array(seen.ends.remote);
    const std::string_view reason = end_reason(seen);
    const auto same = [&](const failed_connect& each) {
        return each.port == seen.ends.remote_port && each.remote == remote &&
               each.reason == reason && each.whose.process == failed.whose.process;
    };
    auto at = std::ranges::find_if(entries_, same);
    if (at == entries_.end()) {
        if (entries_.size() >= entries_max_) {
            ++left_out_;
            return;
        }
        entries_.push_back({.remote = remote,
                            .port = seen.ends.remote_port,
                            .reason = std::string{reason},
                            .whose = failed.whose});
        at = entries_.end() - 1;
    }
    ++at->count;
    at->last_ns = seen.ended_ns;
    if (seen.opened_ns != 0) {
        const std::uint64_t took_us = (seen.ended_ns - seen.opened_ns) / 1000;
        at->took_us_sum += took_us;
        at->took_us_max = std::max(at->took_us_max, took_us);
    }
}

}  // namespace ringway::monitor
