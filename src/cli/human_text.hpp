// Sizes and times for people.
#pragma once

#include <cstdint>
#include <string>

#include <ringway/ring/driver.hpp>

namespace ringway::cli {

/// "17 B", "1.2 KiB", "345 MiB": three digits at most, powers of 1024.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// "0:07", "12:34", "3:04:05".
[[nodiscard]] std::string clock_text(std::uint64_t seconds);

/// "850 us", "12.3 ms", "1.23 s".
[[nodiscard]] std::string span_text(nanoseconds span);

}  // namespace ringway::cli
