// Snapshots of the monitor for tests, in few words.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "monitor/model.hpp"

namespace ringway::test {

inline constexpr std::uint8_t tcp_established = 1;
inline constexpr std::uint8_t tcp_listen = 10;
inline constexpr std::uint64_t one_second = 1'000'000'000;

/// 192.0.2.`last`, mapped into IPv6.
inline std::array<std::uint8_t, 16> made_address(std::uint8_t last) {
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last};
}

inline monitor_ends made_ends(std::uint16_t local_port, std::uint16_t remote_port) {
    monitor_ends ends{};
    std::ranges::copy(made_address(1), ends.local);
    std::ranges::copy(made_address(2), ends.remote);
    ends.local_port = local_port;
    ends.remote_port = remote_port;
    ends.network = 7;
    return ends;
}

/// A connection from 192.0.2.1:`port` to 192.0.2.2:80, made when the monitor had run for a second.
inline monitor::socket_record made_connection(std::uint16_t port, std::uint64_t received,
                                              std::uint64_t sent) {
    monitor::socket_record made;
    made.seen.id = port;
    made.seen.kind = MONITOR_TCP;
    made.seen.state = tcp_established;
    made.seen.ends = made_ends(port, 80);
    made.seen.opened_ns = 1 * one_second;
    made.seen.tcp.bytes_received = received;
    made.seen.tcp.bytes_sent = sent;
    made.seen.tcp.rtt_us = 250;
    made.seen.tcp.congestion_window = 10;
    made.whose = {.process = 42, .name = "worker", .container = "docker:0123456789ab"};
    return made;
}

inline monitor::snapshot made_snapshot(std::uint64_t seconds) {
    monitor::snapshot made;
    made.at_ns = seconds * one_second;
    made.unix_ms = 1'769'900'000'000 + static_cast<std::int64_t>(seconds) * 1000;
    return made;
}

}  // namespace ringway::test
