#include "xdp/responder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/xdp/match.hpp>

#include "xdp/build.hpp"
#include "xdp/headers.hpp"

namespace ringway::xdp {
namespace {

constexpr std::uint8_t arp_request = 1;
constexpr std::uint8_t arp_reply = 2;
constexpr std::uint8_t echo_request = 8;
constexpr std::uint8_t echo6_request = 128;
constexpr std::uint8_t echo6_reply = 129;
constexpr std::uint8_t neighbour_solicitation = 135;
constexpr std::uint8_t neighbour_advertisement = 136;
constexpr std::size_t solicitation_bytes = 24;   // RFC 4861 4.3, without options
constexpr std::size_t advertisement_bytes = 32;  // 4.4, with the link-layer address
constexpr std::size_t ipv6_bytes = 40;
constexpr std::uint8_t hops_of_neighbours = 255;
constexpr std::uint8_t hops = 64;

bool is_ours(const ip_address& address, bool is_v6, const responder_options& options) {
    return std::ranges::any_of(options.addresses, [&](const prefix& own) {
        return own.is_v6 == is_v6 && own.address == address;
    });
}

void swap(byte_span frame, std::size_t a, std::size_t b, std::size_t bytes) noexcept {
    std::swap_ranges(frame.begin() + static_cast<std::ptrdiff_t>(a),
                     frame.begin() + static_cast<std::ptrdiff_t>(a + bytes),
                     frame.begin() + static_cast<std::ptrdiff_t>(b));
}

void turn_ethernet(byte_span frame, const responder_options& options) noexcept {
    std::memcpy(&frame[0], &frame[6], 6);
    std::memcpy(&frame[6], options.mac.data(), 6);
}

answer answer_arp(byte_span frame, const frame_headers& it,
                  const responder_options& options) noexcept {
    const std::size_t at = it.network;
    if (it.protocol != arp_request || !is_ours(it.target, false, options)) {
        return answer::none;
    }
    turn_ethernet(frame, options);
    frame[at + 7] = std::byte{arp_reply};
    swap(frame, at + 8, at + 18, 10);
    std::memcpy(&frame[at + 8], options.mac.data(), 6);
    return answer::arp;
}

void turn_ip(byte_span frame, const frame_headers& it) noexcept {
    const bool v6 = it.ip_version == 6;
    swap(frame, it.network + (v6 ? 8 : 12), it.network + (v6 ? 24 : 16), v6 ? 16 : 4);
    frame[it.network + (v6 ? 7 : 8)] = std::byte{hops};
}

answer finish(byte_span frame, const responder_options& options, answer what) noexcept {
    turn_ethernet(frame, options);
    if (const auto now = parse_frame(frame)) {
        write_checksums(frame, *now);
    }
    return what;
}

// Who looks whether an address is taken has none yet, and hears the answer as one of all (RFC 4861
// 7.2.4, RFC 4862 5.4.3).
void answer_all_nodes(byte_span frame, std::size_t network) noexcept {
    constexpr ip_address all_nodes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    constexpr mac_address all_nodes_mac{0x33, 0x33, 0, 0, 0, 1};
    std::memcpy(&frame[network + 24], all_nodes.data(), all_nodes.size());
    std::memcpy(&frame[6], all_nodes_mac.data(), all_nodes_mac.size());  // Turned below.
}

// RFC 4861 7.1.1, 7.2.4. The options of the solicitation give way to the one of the advertisement.
answer answer_neighbour(byte_span room, std::uint32_t& length, const frame_headers& it,
                        const responder_options& options) noexcept {
    const std::size_t at = it.transport;
    ip_address wanted{};
    if (it.hops != hops_of_neighbours || it.end < at + solicitation_bytes ||
        room.size() < at + advertisement_bytes) {
        return answer::none;
    }
    std::memcpy(wanted.data(), &room[at + 8], wanted.size());
    if (!is_ours(wanted, true, options)) {
        return answer::none;
    }
    length = static_cast<std::uint32_t>(at + advertisement_bytes);
    const byte_span frame = room.first(length);
    const bool is_known = it.source != ip_address{};
    if (is_known) {
        std::memcpy(&frame[it.network + 24], &frame[it.network + 8], 16);
    } else {
        answer_all_nodes(frame, it.network);
    }
    std::memcpy(&frame[it.network + 8], wanted.data(), wanted.size());
    store16(frame, it.network + 4, static_cast<std::uint16_t>(length - it.network - ipv6_bytes));
    frame[at] = std::byte{neighbour_advertisement};
    frame[at + 4] = is_known ? std::byte{0x60} : std::byte{0x20};  // Solicited; override.
    frame[at + 24] = std::byte{2};  // The target's link-layer address,
    frame[at + 25] = std::byte{1};  // in units of 8 bytes.
    std::memcpy(&frame[at + 26], options.mac.data(), 6);
    return finish(frame, options, answer::neighbour);
}

answer answer_echo(byte_span frame, const frame_headers& it,
                   const responder_options& options) noexcept {
    frame[it.transport] = std::byte{it.ip_version == 6 ? echo6_reply : std::uint8_t{0}};
    turn_ip(frame, it);
    return finish(frame, options, answer::echo);
}

answer answer_datagram(byte_span frame, const frame_headers& it,
                       const responder_options& options) noexcept {
    swap(frame, it.transport, it.transport + 2, 2);
    turn_ip(frame, it);
    return finish(frame, options, answer::datagram);
}

prefix solicited_node(const prefix& own) {
    prefix group{.bits = 128, .is_v6 = true};
    constexpr ip_address start{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
    group.address = start;
    std::copy(own.address.end() - 3, own.address.end(), group.address.end() - 3);
    return group;
}

}  // namespace

answer respond(byte_span room, std::uint32_t& length, const responder_options& options) noexcept {
    const byte_span frame = room.first(length);
    const auto headers = parse_frame(frame);
    if (!headers) {
        return answer::none;
    }
    const frame_headers& it = *headers;
    if (it.ether_type == type_arp) {
        return answer_arp(frame, it, options);
    }
    if (it.ip_version == 0 || it.transport == 0 || !checksums_are_right(frame, it)) {
        return answer::none;
    }
    if (it.protocol == protocol_icmp6 && it.icmp_type == neighbour_solicitation) {
        return answer_neighbour(room, length, it, options);
    }
    if (!is_ours(it.target, it.ip_version == 6, options)) {
        return answer::none;
    }
    const bool asks = (it.protocol == protocol_icmp && it.icmp_type == echo_request) ||
                      (it.protocol == protocol_icmp6 && it.icmp_type == echo6_request);
    if (asks) {
        return answer_echo(frame, it, options);
    }
    if (it.protocol == protocol_udp && it.target_port == options.udp_port &&
        it.source_port != it.target_port) {  // Two echo services would never end.
        return answer_datagram(frame, it, options);
    }
    return answer::none;
}

std::vector<match_rule> rules_for(const responder_options& options) {
    std::vector<match_rule> rules;
    for (const prefix& own : options.addresses) {
        const std::uint8_t icmp = own.is_v6 ? protocol_icmp6 : protocol_icmp;
        const int echo = own.is_v6 ? echo6_request : echo_request;
        rules.push_back({.protocol = icmp, .icmp_type = echo, .target = own});
        rules.push_back({.protocol = protocol_udp, .target_port = options.udp_port, .target = own});
        if (own.is_v6) {
            for (const prefix& to : {own, solicited_node(own)}) {
                rules.push_back(
                    {.protocol = icmp, .icmp_type = neighbour_solicitation, .target = to});
            }
        } else {
            rules.push_back({.ether_type = type_arp, .protocol = arp_request, .target = own});
        }
    }
    return rules;
}

}  // namespace ringway::xdp
