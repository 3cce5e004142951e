// The Internet checksum (RFC 1071) and its incremental change (RFC 1624).
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>

namespace ringway::xdp {

/// The one's complement sum of `bytes` as big-endian words, an odd one padded, added to `start`.
/// Not folded.
[[nodiscard]] constexpr std::uint64_t add_words(byte_view bytes, std::uint64_t start = 0) noexcept {
    std::uint64_t sum = start;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<std::uint64_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8U : byte;
    }
    return sum;
}

/// A sum as 16 bits.
[[nodiscard]] constexpr std::uint16_t folded(std::uint64_t sum) noexcept {
    while (sum >> 16U != 0) {
        sum = (sum & 0xffffU) + (sum >> 16U);
    }
    return static_cast<std::uint16_t>(sum);
}

/// The checksum of a sum: its complement.
[[nodiscard]] constexpr std::uint16_t checksum_of(std::uint64_t sum) noexcept {
    return static_cast<std::uint16_t>(~folded(sum));
}

/// `checksum` after the word `from` became `to` (RFC 1624, equation 3).
[[nodiscard]] constexpr std::uint16_t adjusted(std::uint16_t checksum, std::uint16_t from,
                                               std::uint16_t to) noexcept {
    return checksum_of(std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                       static_cast<std::uint16_t>(~from) + to);
}

}  // namespace ringway::xdp
