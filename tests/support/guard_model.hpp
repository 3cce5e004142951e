// What the firewall should say about a frame: a second reading of the rules, in plain C++.
#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "guard/firewall.hpp"

namespace ringway::test {

/// The rules, as lists to be searched from the first to the last.
struct guard_rules {
    std::vector<guard::cidr> allow;
    std::vector<guard::cidr> block;
    std::vector<guard::port_range> keep_ports;
    std::vector<guard::port_range> block_ports;
    std::vector<std::uint16_t> quic_ports;
};

/// What a frame is, besides its verdict without limits.
struct guard_reading {
    guard_reason reason = GUARD_PLAIN;
    bool syn = false;
    bool initial = false;
};

/// The verdict, in a world without limits.
[[nodiscard]] guard_reading read_frame(std::span<const std::byte> frame, const guard_rules& rules);

/// A frame that may come: mostly whole, from few sources to few ports, with tags, options,
/// extension headers, fragments, lies about lengths.
[[nodiscard]] std::vector<std::byte> random_frame(std::mt19937_64& random);

/// Some rules about those sources and ports.
[[nodiscard]] guard_rules random_rules(std::mt19937_64& random);

/// One well-formed frame.
struct frame_recipe {
    guard::cidr source;
    bool udp = false;
    std::uint16_t source_port = 40000;
    std::uint16_t port = 443;
    std::uint8_t tcp_flags = 2;  // SYN
    std::vector<std::byte> payload;
};
[[nodiscard]] std::vector<std::byte> made_frame(const frame_recipe& recipe);

}  // namespace ringway::test
