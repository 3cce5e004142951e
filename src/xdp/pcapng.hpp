// Files of captured packets: pcapng, as Wireshark and tcpdump read it (draft-ietf-opsawg-pcapng).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::xdp {

/// The blocks that such a file begins with: a section header and the description of one Ethernet
/// interface whose times are nanoseconds. `captured_max`: bytes of a packet at most.
[[nodiscard]] std::string pcapng_head(std::string_view program, std::string_view interface,
                                      std::string_view filter, std::uint32_t captured_max);

/// One packet of `length` bytes of which `bytes` were captured, received or sent by the interface;
/// `time` since 1970.
void append_packet(std::string& to, byte_view bytes, std::uint32_t length,
                   std::chrono::nanoseconds time, bool is_sent);

/// What the interface saw altogether, at the end: packets that were meant, and those lost.
void append_statistics(std::string& to, std::uint64_t received, std::uint64_t lost,
                       std::chrono::nanoseconds time);

}  // namespace ringway::xdp
