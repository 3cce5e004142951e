// Files of captured packets: pcapng, as Wireshark and tcpdump read it (draft-ietf-opsawg-pcapng).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::xdp {

/// The blocks that such a file begins with: a section header and the description of one Ethernet
/// interface whose times are nanoseconds. `captured_max`: bytes of a packet at most. With
/// `card_clock` a second description of the interface, for packets with times of the card's clock.
[[nodiscard]] std::string pcapng_head(std::string_view program, std::string_view interface,
                                      std::string_view filter, std::uint32_t captured_max,
                                      bool card_clock = false);

/// What there is to say of a packet beside what it is.
struct packet_notes {
    bool is_sent = false;        ///< By the interface; else received.
    bool by_card_clock = false;  ///< Needs `card_clock` in the head.
    std::string comment;
};

/// One packet of `length` bytes of which `bytes` were captured; `time` since 1970, or since the
/// epoch of the card's clock.
void append_packet(std::string& to, byte_view bytes, std::uint32_t length,
                   std::chrono::nanoseconds time, const packet_notes& notes);

/// Of blocks of which only the first so many bytes were written.
struct written_blocks {
    std::size_t bytes = 0;             ///< Up to the end of the last whole one.
    std::uint64_t packets_behind = 0;  ///< In those that are not there, or not whole.
    std::uint64_t bytes_behind = 0;    ///< Of these packets.
};
[[nodiscard]] written_blocks whole_blocks(std::string_view blocks, std::size_t written);

/// What the interface saw altogether, at the end: packets that were meant, and those lost.
void append_statistics(std::string& to, std::uint64_t received, std::uint64_t lost,
                       std::chrono::nanoseconds time);

}  // namespace ringway::xdp
