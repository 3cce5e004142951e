// Choosing a content coding (RFC 9110 section 12.5.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ringway::wire {

/// The content codings that files can be stored in.
enum class coding : std::uint8_t { identity, gzip, brotli, zstd };

/// The place of `which` in a set of codings kept as a bitmask.
[[nodiscard]] constexpr std::uint8_t coding_bit(coding which) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(which));
}

/// The token for Content-Encoding: "gzip", "br", "zstd"; "identity". Static text.
[[nodiscard]] std::string_view name_of(coding which) noexcept;

/// What a client accepts, best first.
struct coding_preference {
    std::uint8_t count = 0;
    std::array<coding, 4> items{};

    /// The acceptable codings. Lifetime: that of this object.
    [[nodiscard]] std::span<const coding> order() const noexcept { return {items.data(), count}; }
};

/// Reads the value of an Accept-Encoding field: quality values decide; among equals the order is
/// br, zstd, gzip, identity. identity is acceptable unless it or "*" has q=0; where it isn't named
/// it comes last. x-gzip is gzip; other codings are passed over. An empty or malformed value
/// accepts identity alone. The result can be empty ("identity;q=0").
[[nodiscard]] coding_preference preferred_codings(std::string_view accept_encoding) noexcept;

/// The best coding among `available_mask` (made of `coding_bit`; identity counts as available
/// always). Nothing if the client accepts none of them: it is then allowed to send identity all
/// the same (RFC 9110 section 12.5.3) and the caller does.
[[nodiscard]] std::optional<coding> choose_coding(std::string_view accept_encoding,
                                                  std::uint8_t available_mask) noexcept;

}  // namespace ringway::wire
