#include "cli/top_json.hpp"

#include <cmath>
#include <ctime>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/version.hpp"
#include "monitor/address_text.hpp"

namespace ringway::cli {
namespace {

using json = nlohmann::ordered_json;

// Whole numbers without a fraction, others with what matters of it.
json number(double value) {
    if (value >= 0 && value < 9e15 && value == std::floor(value)) {
        return static_cast<std::uint64_t>(value);
    }
    return std::round(value * 1000) / 1000;
}

json cell_json(const monitor::cell& of, monitor::cell_kind kind) {
    if (kind == monitor::cell_kind::text) {
        return of.text.empty() ? json(nullptr) : json(of.text);
    }
    return of.number ? number(*of.number) : json(nullptr);
}

json view_json(const monitor::table& view) {
    json out = json::object();
    if (!view.missing.empty()) {
        out["missing"] = view.missing;
        return out;
    }
    json& facts = out["facts"] = json::object();
    for (const monitor::fact& each : view.facts) {
        facts[std::string{each.key}] = number(each.value);
    }
    json& rows = out["rows"] = json::array();
    for (const monitor::row& each : view.rows) {
        json row = json::object();
        for (std::size_t i = 0; i < each.size(); ++i) {
            row[std::string{view.columns[i].key}] = cell_json(each[i], view.columns[i].kind);
        }
        rows.push_back(std::move(row));
    }
    return out;
}

// Names come from programs and may be any bytes.
std::string dump(const json& what) {
    return what.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

}  // namespace

std::string time_text(std::int64_t unix_ms) {
    const std::time_t seconds = unix_ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       unix_ms % 1000);
}

std::string snapshot_json(const monitor::snapshot& now, double interval_s,
                          const std::vector<monitor::table>& views) {
    json out;
    out["time"] = time_text(now.unix_ms);
    out["version"] = std::string{version_number()};
    out["interval_s"] = number(interval_s);
    json& all = out["views"] = json::object();
    for (const monitor::table& each : views) {
        all[monitor::name_of(each.view)] = view_json(each);
    }
    json& lost = out["lost"] = json::array();
    for (const monitor::loss& each : now.losses) {
        lost.push_back({{"what", each.what}, {"count", each.count}, {"remedy", each.remedy}});
    }
    json& tables = out["tables"] = json::array();
    for (const monitor::table_fill& each : now.fills) {
        tables.push_back({{"table", each.table}, {"entries", each.entries}, {"room", each.room}});
    }
    return dump(out);
}

std::string flow_json(const monitor::flow_record& flow, std::int64_t unix_ms,
                      std::uint64_t monotonic_ns) {
    const monitor_end& seen = flow.seen;
    const auto wall_ms = [&](std::uint64_t at_ns) {
        const auto ago = static_cast<std::int64_t>(monotonic_ns - at_ns) / 1'000'000;
        return time_text(unix_ms - ago);
    };
    const auto between = [](std::uint64_t from, std::uint64_t to) {
        return from == 0 || to < from ? json(nullptr) : json((to - from) / 1000);
    };
    const bool passive = (seen.flags & MONITOR_PASSIVE) != 0;
    json out;
    out["end"] = wall_ms(seen.ended_ns);
    out["begin"] = seen.opened_ns == 0 ? json(nullptr) : json(wall_ms(seen.opened_ns));
    out["direction"] = seen.opened_ns == 0 ? json(nullptr) : json(passive ? "in" : "out");
    out["local"] = monitor::address_text(seen.ends.local);
    out["local_port"] = seen.ends.local_port;
    out["remote"] = monitor::address_text(seen.ends.remote);
    out["remote_port"] = seen.ends.remote_port;
    out["netns"] = seen.ends.network;
    out["pid"] = flow.whose.process == 0 ? json(nullptr) : json(flow.whose.process);
    out["process"] = text_or_null(flow.whose.name);
    out["container"] = text_or_null(flow.whose.container);
    out["in_bytes"] = seen.tcp.bytes_received;
    out["out_bytes"] = seen.tcp.bytes_sent;
    out["rtt_us"] = seen.tcp.rtt_us == 0 ? json(nullptr) : json(seen.tcp.rtt_us);
    out["retransmits"] = seen.tcp.retransmits;
    out["connect_us"] = passive ? json(nullptr) : between(seen.opened_ns, seen.established_ns);
    out["lifetime_us"] = between(seen.opened_ns, seen.ended_ns);
    out["established"] = seen.established_ns != 0 || (seen.flags & MONITOR_ESTABLISHED) != 0 ||
                         (seen.opened_ns == 0 && !monitor::has_failed_to_connect(seen));
    out["reason"] = monitor::end_reason(seen);
    return dump(out);
}

}  // namespace ringway::cli
