// Packets that are dropped by name: "the third datagram of at least 1200 bytes to the client".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "lab/packet.hpp"

namespace ringway::lab {

/// From the client's point of view.
enum class path_direction : std::uint8_t { up, down };

/// Counts the packets that fit and drops those with the numbers asked for.
struct drop_rule {
    struct range {
        std::uint64_t first = 1;  ///< The first packet that fits is number 1.
        std::uint64_t last = 1;
    };

    path_direction direction = path_direction::up;
    /// Only packets of this protocol; `other` stands for any.
    transport_protocol protocol = transport_protocol::other;
    std::size_t payload_bytes_min = 0;  ///< Of what UDP or TCP carries.
    std::size_t payload_bytes_max = std::numeric_limits<std::size_t>::max();
    std::vector<range> numbers;
    std::chrono::nanoseconds after{0};  ///< Since the relay's start; earlier packets do not fit.

    std::uint64_t seen = 0;  ///< Packets that have fitted so far.

    /// Whether this packet is to be dropped. Counts it if it fits.
    [[nodiscard]] bool drops(const packet_facts& facts, std::chrono::nanoseconds now = {}) noexcept;
};

/// Reads "up|down[:udp|tcp][:>=BYTES][:<=BYTES]:NUMBERS", NUMBERS being "2-7,9" or "3-" for all
/// from the third on: "down:udp:>=1200:40". Fails with what is wrong, for people.
[[nodiscard]] std::expected<drop_rule, std::string> parse_drop_rule(std::string_view text);

}  // namespace ringway::lab
