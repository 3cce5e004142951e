// A range of addresses: IPv4 or IPv6, an address and how many of its bits count.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "guard/told.hpp"

namespace ringway::guard {

/// An IPv4 range uses the first 4 bytes. The bits that do not count are zero.
struct cidr {
    std::array<std::uint8_t, 16> address{};
    std::uint8_t length = 0;  ///< 0 to 32, or to 128.
    bool v6 = false;

    /// Whether each address of `other` is one of ours.
    [[nodiscard]] bool contains(const cidr& other) const noexcept;

    /// The range of `bits` around this one; it has as many at least.
    [[nodiscard]] cidr cut_to(std::uint8_t bits) const noexcept;

    friend auto operator<=>(const cidr&, const cidr&) = default;
};

/// Reads "192.0.2.0/24", "2001:db8::/32" or an address alone, with all of its bits. IPv4 that is
/// mapped into IPv6 becomes IPv4. Bits behind the length must be zero: who writes 10.1.2.3/8 has
/// more likely mistaken the length than meant 10.0.0.0/8.
[[nodiscard]] told<cidr> parse_cidr(std::string_view text);

/// `text` in quotation marks for a message: without what a terminal would obey, and not longer than
/// a line. Lists come from strangers.
[[nodiscard]] std::string quoted(std::string_view text);

/// As `parse_cidr` reads it; a single address without its length.
[[nodiscard]] std::string to_text(const cidr& range);

}  // namespace ringway::guard
