// IP packets for tests of the lab.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lab/packet.hpp"

namespace ringway::test {

struct packet_recipe {
    bool v6 = false;
    lab::transport_protocol protocol = lab::transport_protocol::udp;
    std::uint16_t source_port = 40000;
    std::uint16_t destination_port = 443;
    std::size_t payload_bytes = 100;
    unsigned ecn = 0;
    unsigned fill = 0x5a;  ///< Each byte of the payload; its place is added.
};

/// A packet from 10.77.0.1 to 10.77.0.2, or fd77::1 to fd77::2, with right checksums.
[[nodiscard]] lab::packet made_packet(const packet_recipe& recipe);

/// The payload of a packet, as text.
[[nodiscard]] std::string_view payload_of(const lab::packet& bytes);

}  // namespace ringway::test
