// What the lists of sockets become: connections, and queues that wait for a program.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "monitor/address_text.hpp"
#include "monitor/views.hpp"

namespace ringway::monitor::detail {
namespace {

constexpr std::uint8_t state_established = 1;
constexpr std::uint8_t state_listen = 10;

bool is_connection(const monitor_socket& socket) {
    return socket.kind == MONITOR_TCP && socket.state != state_listen;
}

using earlier_sockets = std::unordered_map<std::uint64_t, const socket_record*>;

earlier_sockets index(const snapshot* before) {
    earlier_sockets made;
    if (before != nullptr) {
        for (const socket_record& each : before->sockets) {
            made.emplace(each.seen.id, &each);
        }
    }
    return made;
}

// The kernel uses addresses again: the same socket has the same ends too.
const monitor_socket* find_same(const earlier_sockets& among, const monitor_socket& as) {
    const auto found = among.find(as.id);
    if (found == among.end()) {
        return nullptr;
    }
    const monitor_socket& was = found->second->seen;
    const bool same = was.opened_ns == as.opened_ns &&
                      was.ends.remote_port == as.ends.remote_port &&
                      was.ends.local_port == as.ends.local_port;
    return same ? &was : nullptr;
}

struct byte_rates {
    double in = 0;
    double out = 0;
};

// Bytes of a connection that began between the snapshots are all of this interval; those of one
// that is older than the monitor count from when it was first seen.
byte_rates rates_of(const monitor_socket& now, const monitor_socket* was, const snapshot* before,
                    double seconds) {
    if (was != nullptr) {
        return {rate(now.tcp.bytes_received, was->tcp.bytes_received, seconds),
                rate(now.tcp.bytes_sent, was->tcp.bytes_sent, seconds)};
    }
    if (before == nullptr || now.opened_ns <= before->at_ns) {
        return {};
    }
    return {rate(now.tcp.bytes_received, 0, seconds), rate(now.tcp.bytes_sent, 0, seconds)};
}

// Bytes of connections that have ended between the snapshots: those that the earlier one did not
// have yet. Many live too shortly to be in any.
byte_rates rates_of_ended(const snapshot& now, const snapshot* before, double seconds) {
    if (before == nullptr) {
        return {};
    }
    const auto open = index(&now);
    std::uint64_t in = before->flow_bytes_in;
    std::uint64_t out = before->flow_bytes_out;
    for (const socket_record& each : before->sockets) {
        if (is_connection(each.seen) && find_same(open, each.seen) == nullptr) {
            in += each.seen.tcp.bytes_received;
            out += each.seen.tcp.bytes_sent;
        }
    }
    return {rate(now.flow_bytes_in, in, seconds), rate(now.flow_bytes_out, out, seconds)};
}

cell age_of(const monitor_socket& socket, const snapshot& now) {
    return socket.opened_ns == 0
               ? cell::nothing()
               : cell::of(static_cast<double>(
                              now.at_ns - std::min<std::uint64_t>(socket.opened_ns, now.at_ns)) /
                          1e9);
}

std::string container_text(const owner& whose) { return printable(whose.container); }

constexpr std::array connection_columns{
    column{"local", "LOCAL", cell_kind::text, 15, 1, true},
    column{"remote", "REMOTE", cell_kind::text, 15, 0, true},
    column{"state", "STATE", cell_kind::text, 6, 2, true},
    column{"in_bytes_s", "IN/s", cell_kind::bytes_per_second, 6, 0},
    column{"out_bytes_s", "OUT/s", cell_kind::bytes_per_second, 6, 0},
    column{"total_bytes_s", "BOTH/s", cell_kind::bytes_per_second, 6, 9},
    column{"in_bytes", "IN", cell_kind::bytes, 6, 8},
    column{"out_bytes", "OUT", cell_kind::bytes, 6, 8},
    column{"rtt_us", "RTT", cell_kind::microseconds, 6, 0},
    column{"rtt_variance_us", "+-", cell_kind::microseconds, 7, 10},
    column{"retransmits", "RETR", cell_kind::count, 4, 0},
    column{"window", "CWND", cell_kind::count, 5, 11},
    column{"unsent_bytes", "SENDQ", cell_kind::bytes, 6, 7},
    column{"unread_bytes", "RECVQ", cell_kind::bytes, 6, 7},
    column{"age_s", "AGE", cell_kind::seconds, 6, 3},
    column{"pid", "PID", cell_kind::id, 7, 6},
    column{"process", "PROCESS", cell_kind::text, 8, 0, true},
    column{"container", "CONTAINER", cell_kind::text, 9, 5, true},
    column{"user", "UID", cell_kind::id, 5, 12, true},
    column{"netns", "NETNS", cell_kind::id, 10, 13},
};

row connection_row(const socket_record& of, const byte_rates& rates, const snapshot& now) {
    const monitor_socket& seen = of.seen;
    const bool counted = seen.tcp.congestion_window > 0;  // Else it is a rest, or not one yet.
    const auto number = [counted](std::uint64_t value) {
        return counted ? cell::of(value) : cell::nothing();
    };
    return {
        cell::of(endpoint_text(seen.ends.local, seen.ends.local_port)),
        cell::of(endpoint_text(seen.ends.remote, seen.ends.remote_port)),
        cell::of(std::string{state_text(seen.state, false)}),
        cell::of(rates.in),
        cell::of(rates.out),
        cell::of(rates.in + rates.out),
        number(seen.tcp.bytes_received),
        number(seen.tcp.bytes_sent),
        seen.tcp.rtt_us == 0 ? cell::nothing() : cell::of(std::uint64_t{seen.tcp.rtt_us}),
        seen.tcp.rtt_us == 0 ? cell::nothing() : cell::of(std::uint64_t{seen.tcp.rtt_variance_us}),
        number(seen.tcp.retransmits),
        number(seen.tcp.congestion_window),
        number(seen.tcp.unsent_bytes),
        number(seen.tcp.unread_bytes),
        age_of(seen, now),
        of.whose.process == 0 ? cell::nothing() : cell::of(std::uint64_t{of.whose.process}),
        cell::of(printable(of.whose.name)),
        cell::of(container_text(of.whose)),
        cell::of(std::uint64_t{seen.user}),
        cell::of(std::uint64_t{seen.ends.network})};
}

void add_connection_facts(table& to, const snapshot& now, const snapshot* before,
                          std::uint64_t established, const byte_rates& live) {
    const double seconds = seconds_between(now, before);
    const monitor_tcp_totals none{};
    const monitor_tcp_totals& was = before != nullptr ? before->tcp : none;
    const auto per_second = [seconds](std::uint64_t a, std::uint64_t b) {
        return rate(a, b, seconds);
    };
    to.facts = {
        {"established", "established", cell_kind::count, static_cast<double>(established)},
        {"connected_s", "connected", cell_kind::per_second,
         per_second(now.tcp.connected, was.connected)},
        {"accepted_s", "accepted", cell_kind::per_second,
         per_second(now.tcp.accepted, was.accepted)},
        {"ended_s", "ended", cell_kind::per_second, per_second(now.tcp.ended, was.ended)},
        {"in_bytes_s", "in", cell_kind::bytes_per_second, live.in},
        {"out_bytes_s", "out", cell_kind::bytes_per_second, live.out},
        {"retransmits_s", "retransmits", cell_kind::per_second,
         per_second(now.tcp.retransmits, was.retransmits)},
        {"resets_sent_s", "resets out", cell_kind::per_second,
         per_second(now.tcp.resets_sent, was.resets_sent)},
        {"resets_received_s", "in", cell_kind::per_second,
         per_second(now.tcp.resets_received, was.resets_received)},
        {"networks", "namespaces", cell_kind::count, static_cast<double>(now.networks)},
    };
    if (now.networks_closed > 0) {
        to.facts.push_back({"networks_closed", "closed to us", cell_kind::count,
                            static_cast<double>(now.networks_closed)});
    }
}

constexpr std::array queue_columns{
    column{"protocol", "PROTO", cell_kind::text, 5, 1},
    column{"local", "LOCAL", cell_kind::text, 15, 0, true},
    column{"waiting", "WAITING", cell_kind::count, 7, 0},
    column{"limit", "LIMIT", cell_kind::count, 6, 0},
    column{"filled", "FULL", cell_kind::percent, 7, 0},
    column{"waited_us", "WAITED", cell_kind::microseconds, 6, 0},
    column{"half_open", "HALF-OPEN", cell_kind::count, 9, 2},
    column{"drops", "DROPS", cell_kind::count, 6, 0},
    column{"drops_s", "DROPS/s", cell_kind::per_second, 7, 0},
    column{"pid", "PID", cell_kind::id, 7, 4},
    column{"process", "PROCESS", cell_kind::text, 8, 0, true},
    column{"container", "CONTAINER", cell_kind::text, 9, 3, true},
    column{"netns", "NETNS", cell_kind::id, 10, 5},
};

row queue_row(const socket_record& of, const monitor_socket* was, const snapshot& now,
              double seconds) {
    const monitor_socket& seen = of.seen;
    const bool tcp = seen.kind == MONITOR_TCP;
    const auto of_tcp = [tcp](std::uint64_t value) {
        return tcp ? cell::of(value) : cell::nothing();
    };
    const double places = seen.backlog_max + 1.0;  // The kernel lets one more in than was asked.
    return {cell::of(std::string{tcp ? "tcp" : "udp"}),
            cell::of(endpoint_text(seen.ends.local, seen.ends.local_port)),
            of_tcp(seen.backlog),
            of_tcp(seen.backlog_max),
            tcp ? cell::of(seen.backlog * 100.0 / places) : cell::nothing(),
            seen.waiting_since_ns == 0 ? cell::nothing() : cell::of(waited_us(seen, now)),
            of_tcp(seen.half_open),
            cell::of(std::uint64_t{seen.drops}),
            cell::of(was != nullptr ? rate(seen.drops, was->drops, seconds) : 0),
            of.whose.process == 0 ? cell::nothing() : cell::of(std::uint64_t{of.whose.process}),
            cell::of(printable(of.whose.name)),
            cell::of(container_text(of.whose)),
            cell::of(std::uint64_t{seen.ends.network})};
}

}  // namespace

table connections_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(connection_columns.begin(), connection_columns.end());
    const auto earlier = index(before);
    const double seconds = seconds_between(now, before);
    std::uint64_t established = 0;
    byte_rates sum = rates_of_ended(now, before, seconds);
    for (const socket_record& each : now.sockets) {
        if (!is_connection(each.seen)) {
            continue;
        }
        established += each.seen.state == state_established ? 1 : 0;
        const auto rates = rates_of(each.seen, find_same(earlier, each.seen), before, seconds);
        sum.in += rates.in;
        sum.out += rates.out;
        made.rows.push_back(connection_row(each, rates, now));
    }
    add_connection_facts(made, now, before, established, sum);
    return made;
}

table queues_view(const snapshot& now, const snapshot* before) {
    table made;
    made.columns.assign(queue_columns.begin(), queue_columns.end());
    const auto earlier = index(before);
    const double seconds = seconds_between(now, before);
    double waiting = 0;
    double dropped = 0;
    std::uint64_t longest_us = 0;
    for (const socket_record& each : now.sockets) {
        if (is_connection(each.seen)) {
            continue;
        }
        made.rows.push_back(queue_row(each, find_same(earlier, each.seen), now, seconds));
        longest_us = std::max(longest_us, waited_us(each.seen, now));
        waiting += each.seen.kind == MONITOR_TCP ? each.seen.backlog : 0;
        dropped += each.seen.drops;
    }
    made.facts = {
        {"queues", "queues", cell_kind::count, static_cast<double>(made.rows.size())},
        {"waiting", "waiting to be accepted", cell_kind::count, waiting},
        {"waited_us", "the longest for", cell_kind::microseconds, static_cast<double>(longest_us)},
        {"drops", "dropped", cell_kind::count, dropped},
    };
    return made;
}

}  // namespace ringway::monitor::detail
