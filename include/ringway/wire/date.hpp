// HTTP dates (RFC 9110 section 5.6.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ringway::wire {

/// Length of "Sun, 06 Nov 1994 08:49:37 GMT".
inline constexpr std::size_t http_date_bytes = 29;

/// Writes `unix_seconds` as an IMF-fixdate. What lies outside the years 0 to 9999, which the format
/// can't show, becomes the nearest second inside. Returns a view of all of `out`.
[[nodiscard]] std::string_view format_http_date(std::int64_t unix_seconds,
                                                std::span<char, http_date_bytes> out) noexcept;

/// Reads a date in one of the three forms that a server has to accept: IMF-fixdate, RFC 850 and
/// asctime. Case and spacing are exact; 60 is allowed for a leap second, which is then the first
/// second of the next minute. The name of the day is checked for its spelling only.
///
/// `now_s` decides the century of the two-digit years of RFC 850: the one that puts the year at
/// most 50 years after now. Returns nothing for every other text or a date that doesn't exist.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(
    std::string_view text, std::int64_t now_s = 1'767'225'600) noexcept;

}  // namespace ringway::wire
