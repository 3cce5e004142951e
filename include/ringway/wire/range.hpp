// Range requests: which bytes a client wants (RFC 9110 section 14).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ringway::wire {

/// Bytes `first` to `first + length - 1` of a representation; `length` is never 0.
struct byte_range {
    std::uint64_t first;
    std::uint64_t length;

    friend bool operator==(const byte_range&, const byte_range&) = default;
};

enum class range_verdict : std::uint8_t {
    ignore,         ///< Serve the whole representation, 200.
    unsatisfiable,  ///< Nothing of it exists, 416.
    satisfiable,    ///< Serve the parts, 206.
};

/// More separate parts than this in one request and the whole representation is served.
inline constexpr std::size_t range_parts_max = 16;

/// More range-specs than this, overlapping or not, and the header is ignored.
inline constexpr std::size_t range_specs_max = 256;

/// Parts that are closer than this become one: a part costs about as much as the gap.
inline constexpr std::uint64_t range_gap_min = 80;

/// The parts of a satisfiable request: disjoint, inside the representation, in the client's order;
/// a part that others were merged into stands where the first of them stood.
struct range_set {
    range_verdict verdict = range_verdict::ignore;
    std::uint8_t count = 0;
    std::array<byte_range, range_parts_max> items{};

    /// The parts; empty unless `verdict` is `satisfiable`. Lifetime: that of this set.
    [[nodiscard]] std::span<const byte_range> parts() const noexcept {
        return {items.data(), count};
    }
};

/// Reads the value of a Range field for a representation of `size` bytes.
///
/// `ignore` for: a unit other than bytes, anything that isn't in the grammar (a last position
/// before the first one included), a `size` of 0, more than `range_specs_max` specs, more than
/// `range_parts_max` separate parts at any point of the reading, and requested bytes that sum up to
/// more than `size` when overlaps count twice (RFC 9110 section 14.2 on egregious requests).
/// Positions of any number of digits are read without overflow.
[[nodiscard]] range_set parse_range(std::string_view header, std::uint64_t size) noexcept;

/// Length of the longest "bytes 0-1/2".
inline constexpr std::size_t content_range_bytes_max = 70;

/// Writes the value of a Content-Range field for one part (RFC 9110 section 14.4).
/// Returns a view into `out`.
[[nodiscard]] std::string_view format_content_range(
    byte_range part, std::uint64_t size, std::span<char, content_range_bytes_max> out) noexcept;

/// Writes the value of the Content-Range field of a 416 response, "bytes */1234".
/// Returns a view into `out`.
[[nodiscard]] std::string_view format_unsatisfied_range(
    std::uint64_t size, std::span<char, content_range_bytes_max> out) noexcept;

}  // namespace ringway::wire
