// Sizes and times as listings write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringway::files {

/// A size for people, in powers of 1024 and two or three digits: "0 B", "1.5 KiB", "640 MiB".
[[nodiscard]] std::string human_size(std::uint64_t bytes);

/// Seconds since 1970 as "2026-01-31T12:00:00Z" (ISO 8601, UTC), of fixed width: years outside 0
/// to 9999 are shown as the nearest of them.
[[nodiscard]] std::string iso_time(std::int64_t unix_seconds);

}  // namespace ringway::files
