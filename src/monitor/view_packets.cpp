// Views about packets: who sends them, and which are dropped.
#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/core.h>
#include <map>
#include <tuple>

#include "monitor/address_text.hpp"
#include "monitor/views.hpp"

namespace ringway::monitor::detail {
namespace {

std::string device_text(const char (&name)[MONITOR_COMM_BYTES]) {
    return printable({name, ::strnlen(name, sizeof name)});
}

constexpr std::array source_columns{
    column{"source", "SOURCE", cell_kind::text, 15, 0, true},
    column{"interface", "INTERFACE", cell_kind::text, 9, 0, true},
    column{"packets_s", "PACKETS/s", cell_kind::per_second, 9, 0},
    column{"bytes_s", "BYTES/s", cell_kind::bytes_per_second, 8, 0},
    column{"share", "SHARE", cell_kind::percent, 7, 1},
    column{"packets", "PACKETS", cell_kind::count, 8, 2},
    column{"bytes", "BYTES", cell_kind::bytes, 7, 2},
    column{"missed_at_most", "MISSED<=", cell_kind::count, 8, 3},
    column{"netns", "NETNS", cell_kind::id, 10, 4},
};

using source_key = std::tuple<std::array<std::uint8_t, 16>, std::uint32_t, std::uint32_t>;

source_key key_of(const source_record& of) {
    return {std::to_array(of.key.address), of.key.interface, of.key.network};
}

constexpr std::array drop_columns{
    column{"reason", "REASON", cell_kind::text, 18, 0, true},
    column{"packets_s", "PACKETS/s", cell_kind::per_second, 9, 0},
    column{"packets", "PACKETS", cell_kind::count, 8, 0},
    column{"bytes", "BYTES", cell_kind::bytes, 7, 5},
    column{"protocol", "PROTO", cell_kind::text, 5, 1},
    column{"interface", "INTERFACE", cell_kind::text, 9, 4, true},
    column{"last_from", "LAST FROM", cell_kind::text, 15, 0, true},
    column{"last_to", "LAST TO", cell_kind::text, 15, 2, true},
    column{"last_s", "AGO", cell_kind::seconds, 6, 3},
    column{"function", "FUNCTION", cell_kind::text, 16, 3, true},
};

std::string protocol_text(const monitor_drop_key& key) {
    switch (key.transport) {
        case 1:
        case 58: return "icmp";
        case 6: return "tcp";
        case 17: return "udp";
        case 0: break;
        default: return fmt::format("ip/{}", key.transport);
    }
    switch (key.protocol) {
        case 0x0806: return "arp";
        case 0x0800: return "ip";
        case 0x86dd: return "ip6";
        case 0: return "";
        default: return fmt::format("{:04x}", key.protocol);
    }
}

row drop_row(const drop_record& of, const drop_record* was, const snapshot& now, double seconds) {
    const monitor_drop& seen = of.seen;
    const bool has_address = of.key.transport != 0;
    const auto end = [has_address](const std::uint8_t(&address)[16], std::uint16_t port) {
        return cell::of(has_address ? endpoint_text(address, port) : std::string{});
    };
    const std::uint64_t age = now.at_ns - std::min<std::uint64_t>(seen.last_ns, now.at_ns);
    return {cell::of(of.reason),
            cell::of(rate(seen.packets, was != nullptr ? was->seen.packets : 0, seconds)),
            cell::of(std::uint64_t{seen.packets}),
            cell::of(std::uint64_t{seen.bytes}),
            cell::of(protocol_text(of.key)),
            cell::of(device_text(seen.device)),
            end(seen.last.remote, seen.last.remote_port),
            end(seen.last.local, seen.last.local_port),
            cell::of(static_cast<double>(age) / 1e9),
            cell::of(of.location)};
}

}  // namespace

table sources_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(source_columns.begin(), source_columns.end());
    const double seconds = seconds_between(now, before);
    std::map<source_key, const source_record*> earlier;
    if (before != nullptr) {
        for (const source_record& each : before->sources) {
            earlier.emplace(key_of(each), &each);
        }
    }
    const monitor_overflow none{};
    const monitor_overflow& was_all = before != nullptr ? before->sources_total : none;
    const double all_bytes = rate(now.sources_total.seen_bytes, was_all.seen_bytes, seconds);
    for (const source_record& each : now.sources) {
        const auto found = earlier.find(key_of(each));
        const monitor_source nothing{};
        const monitor_source& was = found != earlier.end() ? found->second->seen : nothing;
        const double bytes = rate(each.seen.bytes, was.bytes, seconds);
        made.rows.push_back(
            {cell::of(address_text(each.key.address)), cell::of(device_text(each.seen.device)),
             cell::of(rate(each.seen.packets, was.packets, seconds)), cell::of(bytes),
             cell::of(all_bytes > 0 ? bytes / all_bytes * 100 : 0),
             cell::of(std::uint64_t{each.seen.packets}), cell::of(std::uint64_t{each.seen.bytes}),
             cell::of(std::uint64_t{each.seen.missed_at_most}),
             cell::of(std::uint64_t{each.key.network})});
    }
    made.facts = {
        {"sources", "sources", cell_kind::count, static_cast<double>(now.sources.size())},
        {"packets_s", "packets", cell_kind::per_second,
         rate(now.sources_total.seen, was_all.seen, seconds)},
        {"bytes_s", "bytes", cell_kind::bytes_per_second, all_bytes},
        {"without_source", "packets without a place", cell_kind::count,
         static_cast<double>(now.sources_total.lost)},
        {"evicted", "sources pushed out", cell_kind::count,
         static_cast<double>(now.sources_evicted)},
    };
    return made;
}

table drops_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(drop_columns.begin(), drop_columns.end());
    const double seconds = seconds_between(now, before);
    const auto find_earlier = [before](const monitor_drop_key& key) -> const drop_record* {
        if (before == nullptr) {
            return nullptr;
        }
        const auto found = std::ranges::find_if(before->drops, [&key](const drop_record& each) {
            return std::memcmp(&each.key, &key, sizeof key) == 0;
        });
        return found == before->drops.end() ? nullptr : &*found;
    };
    for (const drop_record& each : now.drops) {
        made.rows.push_back(drop_row(each, find_earlier(each.key), now, seconds));
    }
    const std::uint64_t seen_before = before != nullptr ? before->drops_total.seen : 0;
    made.facts = {
        {"drops", "dropped", cell_kind::count, static_cast<double>(now.drops_total.seen)},
        {"drops_s", "at", cell_kind::per_second, rate(now.drops_total.seen, seen_before, seconds)},
        {"uncounted", "without a place", cell_kind::count,
         static_cast<double>(now.drops_total.lost)},
    };
    return made;
}

}  // namespace ringway::monitor::detail
