// Sizes, times and failures for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::cli {

/// "17 B", "1.2 KiB", "345 MiB": three digits at most, powers of 1024.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// "0:07", "12:34", "3:04:05".
[[nodiscard]] std::string clock_text(std::uint64_t seconds);

/// "850 us", "12.3 ms", "1.23 s".
[[nodiscard]] std::string span_text(nanoseconds span);

/// Why a file that an option names could not be opened, and what to do: "/a/b: there is no
/// directory /a; make it first". `writing`: it was to be appended to, and made if it is missing.
[[nodiscard]] std::string file_text(std::string_view path, error failure, bool writing);

}  // namespace ringway::cli
