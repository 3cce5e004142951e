// Answers of a host without a network stack: ARP, neighbour discovery, echoes, UDP.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/xdp/match.hpp>

#include "xdp/headers.hpp"

namespace ringway::xdp {

struct responder_options {
    mac_address mac{};
    std::vector<prefix> addresses;  ///< Ours; prefixes of full length.
    std::uint16_t udp_port = 7;     ///< Datagrams to it go back to where they came from.
};

enum class answer : std::uint8_t { none, arp, neighbour, echo, datagram };

/// Bytes that an answer may be longer than its request.
constexpr std::size_t answer_growth = 8;

/// Turns the request in the first `length` bytes of `room` into its answer, in place; `length` is
/// the answer's then. It is longer, by `answer_growth` at most, only where there is room for that.
/// `none`: it is no request to us, or its checksum is wrong; all is as it was.
[[nodiscard]] answer respond(byte_span room, std::uint32_t& length,
                             const responder_options& options) noexcept;

/// What has to be steered to a responder: its requests and nothing else, so that the network stack
/// of the machine keeps its own answers.
[[nodiscard]] std::vector<match_rule> rules_for(const responder_options& options);

}  // namespace ringway::xdp
