#include "monitor/metrics_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include <ringway/observe/prometheus.hpp>

#include "monitor/address_text.hpp"
#include "monitor/table.hpp"

namespace ringway::monitor {
namespace {

using observe::metric_type;
using observe::prometheus_writer;

constexpr std::uint8_t state_listen = 10;

std::uint64_t counted(__u64 value) { return value; }

std::array<std::uint64_t, MONITOR_LATENCY_BUCKETS - 1> bounds_ns() {
    std::array<std::uint64_t, MONITOR_LATENCY_BUCKETS - 1> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        bounds[i] = (std::uint64_t{2} << i) * 1000;
    }
    return bounds;
}

void histogram(prometheus_writer& page, prometheus_writer::labels which,
               const __u64 (&buckets)[MONITOR_LATENCY_BUCKETS], std::uint64_t sum_us) {
    std::array<std::uint64_t, MONITOR_LATENCY_BUCKETS> counts{};
    std::ranges::copy(buckets, counts.begin());
    page.duration_histogram(which, bounds_ns(), counts, sum_us * 1000);
}

// The entries with the highest values, so that strangers can't make a page of any length.
template <class Entry, class Value>
std::vector<const Entry*> largest(const std::vector<Entry>& of, Value value) {
    std::vector<const Entry*> chosen;
    chosen.reserve(of.size());
    for (const Entry& each : of) {
        chosen.push_back(&each);
    }
    const auto middle =
        chosen.begin() + static_cast<std::ptrdiff_t>(std::min(samples_max, chosen.size()));
    std::ranges::partial_sort(chosen, middle, std::ranges::greater{},
                              [&value](const Entry* each) { return value(*each); });
    chosen.erase(middle, chosen.end());
    return chosen;
}

void totals(prometheus_writer& page, const snapshot& now) {
    const monitor_tcp_totals& tcp = now.tcp;
    page.family("top_tcp_opened_total", metric_type::counter, "TCP connections made.");
    page.sample({{"direction", "out"}}, counted(tcp.connected));
    page.sample({{"direction", "in"}}, counted(tcp.accepted));
    page.family("top_tcp_ended_total", metric_type::counter,
                "TCP connections that have ended, failed connects among them.");
    page.sample({}, counted(tcp.ended));
    page.family("top_tcp_ended_bytes_total", metric_type::counter,
                "Payload of TCP connections that have ended.");
    page.sample({{"direction", "out"}}, now.flow_bytes_out);
    page.sample({{"direction", "in"}}, now.flow_bytes_in);
    page.family("top_tcp_retransmits_total", metric_type::counter, "Segments sent again.");
    page.sample({{"during", "handshake"}}, counted(tcp.handshake_retransmits));
    page.sample({{"during", "connection"}}, counted(tcp.retransmits - tcp.handshake_retransmits));
    page.family("top_tcp_resets_total", metric_type::counter, "Resets of TCP.");
    page.sample({{"direction", "out"}}, counted(tcp.resets_sent));
    page.sample({{"direction", "in"}}, counted(tcp.resets_received));
    page.family("top_tcp_connect_seconds", metric_type::histogram,
                "Time from the first packet to a connection that was made here.");
    histogram(page, {}, tcp.connect_us, tcp.connect_us_sum);
}

void failures(prometheus_writer& page, const snapshot& now) {
    std::map<std::string, std::uint64_t> by_reason;
    std::uint64_t known = 0;
    for (const failed_connect& each : now.failed) {
        by_reason[each.reason] += each.count;
        known += each.count;
    }
    page.family("top_tcp_connect_failures_total", metric_type::counter,
                "Connects that came to nothing.");
    for (const auto& each : by_reason) {
        page.sample({{"reason", each.first}}, each.second);
    }
    const std::uint64_t rest = now.tcp.failed - std::min<std::uint64_t>(known, now.tcp.failed);
    page.sample({{"reason", "other"}}, rest);
}

// Sockets that share a port are one queue to whoever looks from outside.
struct listener {
    std::uint64_t waiting = 0;
    std::uint64_t limit = 0;
    std::uint64_t drops = 0;
    std::uint64_t waited_us = 0;
};
using listener_name = std::array<std::string, 4>;  // Address, namespace, process, container.

void listeners(prometheus_writer& page, const std::map<listener_name, listener>& all) {
    struct part {
        const char* name;
        metric_type type;
        const char* help;
        std::uint64_t listener::* value;
    };
    static constexpr std::array<part, 3> parts{
        {{"top_accept_queue", metric_type::gauge, "Connections that wait to be accepted.",
          &listener::waiting},
         {"top_accept_queue_limit", metric_type::gauge, "The most that may wait.",
          &listener::limit},
         {"top_listener_drops_total", metric_type::counter,
          "Connections that a listening socket dropped.", &listener::drops}}};
    const auto family = [&](const char* name, metric_type type, const char* help, auto value_of) {
        page.family(name, type, help);
        for (const auto& of : all) {
            page.sample({{"local", of.first[0]},
                         {"netns", of.first[1]},
                         {"process", of.first[2]},
                         {"container", of.first[3]}},
                        value_of(of.second));
        }
    };
    for (const part& each : parts) {
        family(each.name, each.type, each.help,
               [&each](const listener& of) { return of.*each.value; });
    }
    family("top_accept_wait_seconds", metric_type::gauge,
           "How long the connection has waited that is accepted next.",
           [](const listener& of) { return static_cast<double>(of.waited_us) / 1e6; });
}

void sockets(prometheus_writer& page, const snapshot& now) {
    std::map<std::string, std::uint64_t> by_state;
    std::map<listener_name, listener> listening;
    for (const socket_record& each : now.sockets) {
        const monitor_socket& seen = each.seen;
        if (seen.kind != MONITOR_TCP) {
            continue;
        }
        ++by_state[state_text(seen.state, false)];
        listener_name name{endpoint_text(seen.ends.local, seen.ends.local_port),
                           std::to_string(seen.ends.network), each.whose.name,
                           each.whose.container};
        if (seen.state != state_listen ||
            (listening.size() >= samples_max && !listening.contains(name))) {
            continue;
        }
        listener& of = listening[std::move(name)];
        of.waiting += seen.backlog;
        of.limit += seen.backlog_max;
        of.drops += seen.drops;
        of.waited_us = std::max(of.waited_us, waited_us(seen, now));
    }
    page.family("top_tcp_sockets", metric_type::gauge, "TCP sockets by state.");
    for (const auto& each : by_state) {
        page.sample({{"state", each.first}}, each.second);
    }
    listeners(page, listening);
}

void drops(prometheus_writer& page, const snapshot& now) {
    std::map<std::string, std::uint64_t> by_reason;
    for (const drop_record& each : now.drops) {
        by_reason[each.reason] += each.seen.packets;
    }
    page.family("top_drops_total", metric_type::counter, "Packets that the kernel dropped.");
    for (const auto& each : by_reason) {
        page.sample({{"reason", each.first}}, each.second);
    }
}

void uring(prometheus_writer& page, const snapshot& now) {
    page.family("top_io_uring_operations_total", metric_type::counter,
                "Operations of io_uring that were submitted.");
    for (const uring_op& each : now.uring) {
        page.sample({{"op", each.name}}, counted(each.seen.submitted));
    }
    page.family("top_io_uring_failures_total", metric_type::counter,
                "Operations of io_uring that completed with an error.");
    for (const uring_op& each : now.uring) {
        page.sample({{"op", each.name}}, counted(each.seen.failed));
    }
    page.family("top_io_uring_seconds", metric_type::histogram,
                "Time from submission to completion, of one operation in 64.");
    for (const uring_op& each : now.uring) {
        histogram(page, {{"op", each.name}}, each.seen.latency_us, each.seen.sampled_us_sum);
    }
}

void sources(prometheus_writer& page, const snapshot& now) {
    page.family("top_packets_total", metric_type::counter, "Packets received, at all interfaces.");
    page.sample({}, counted(now.sources_total.seen));
    page.family("top_bytes_total", metric_type::counter, "Bytes received, at all interfaces.");
    page.sample({}, counted(now.sources_total.seen_bytes));
    const auto chosen = largest(now.sources, [](const source_record& of) { return of.seen.bytes; });
    const auto each_of = [&](const char* name, const char* help, auto value) {
        page.family(name, metric_type::counter, help);
        for (const source_record* of : chosen) {
            const auto address = address_text(of->key.address);
            const auto device =
                printable({of->seen.device, ::strnlen(of->seen.device, sizeof of->seen.device)});
            const auto network = std::to_string(of->key.network);
            const auto index = std::to_string(of->key.interface);  // Names are given again.
            page.sample(
                {{"source", address}, {"interface", device}, {"index", index}, {"netns", network}},
                counted(value(*of)));
        }
    };
    each_of("top_source_packets_total", "Packets of the sources with the most bytes.",
            [](const source_record& of) { return of.seen.packets; });
    each_of("top_source_bytes_total", "Bytes of the sources with the most.",
            [](const source_record& of) { return of.seen.bytes; });
}

void programs(prometheus_writer& page, const snapshot& now) {
    const auto chosen =
        largest(now.programs, [](const program_cost& of) { return of.run_time_ns; });
    page.family("top_bpf_run_seconds_total", metric_type::counter,
                "Time that BPF programs ran while it was taken: top_bpf_timed_seconds_total.");
    for (const program_cost* each : chosen) {
        const auto id = std::to_string(each->id);
        page.sample({{"id", id}, {"program", each->name}, {"whose", each->ours ? "top" : "other"}},
                    static_cast<double>(each->run_time_ns) / 1e9);
    }
    page.family(
        "top_bpf_timed_seconds_total", metric_type::counter,
        "For how long the runs of BPF programs were counted and timed: by chance, a tenth.");
    page.sample({}, static_cast<double>(now.programs_timed_ns) / 1e9);
    page.family("top_bpf_runs_total", metric_type::counter,
                "Runs of BPF programs while they were counted.");
    for (const program_cost* each : chosen) {
        const auto id = std::to_string(each->id);
        page.sample({{"id", id}, {"program", each->name}, {"whose", each->ours ? "top" : "other"}},
                    each->runs);
    }
}

void itself(prometheus_writer& page, const snapshot& now) {
    page.family("top_view_up", metric_type::gauge, "Whether a view can be shown here.");
    for (std::size_t i = 0; i < view_count; ++i) {
        page.sample({{"view", name_of(static_cast<view_id>(i))}},
                    std::uint64_t{now.missing[i].empty() ? 1U : 0U});
    }
    page.family("top_lost_total", metric_type::counter, "What was seen and could not be kept.");
    for (const loss& each : now.losses) {
        page.sample({{"what", each.what}}, each.count);
    }
    page.family("top_table_entries", metric_type::gauge, "Entries of tables.");
    for (const table_fill& each : now.fills) {
        page.sample({{"table", each.table}}, each.entries);
    }
    page.family("top_table_room", metric_type::gauge, "Entries that tables have room for.");
    for (const table_fill& each : now.fills) {
        page.sample({{"table", each.table}}, each.room);
    }
    page.family("top_snapshot_seconds", metric_type::gauge, "Time that collecting this took.");
    page.sample({}, static_cast<double>(now.took_us) / 1e6);
}

}  // namespace

void append_metrics(std::string& to, const snapshot& now) {
    prometheus_writer page{to};
    const auto has = [&now](view_id view) {
        return now.missing[static_cast<std::size_t>(view)].empty();
    };
    if (has(view_id::connects)) {
        totals(page, now);
        failures(page, now);
    }
    if (has(view_id::queues) || has(view_id::connections)) {
        sockets(page, now);
    }
    if (has(view_id::drops)) {
        drops(page, now);
    }
    if (has(view_id::io_uring)) {
        uring(page, now);
    }
    if (has(view_id::sources)) {
        sources(page, now);
    }
    if (has(view_id::programs)) {
        programs(page, now);
    }
    itself(page, now);
}

}  // namespace ringway::monitor
