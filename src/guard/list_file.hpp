// Files of addresses: one range a line, with a lifetime or not, and comments.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "guard/cidr.hpp"
#include "guard/told.hpp"

namespace ringway::guard {

using seconds = std::chrono::seconds;

struct list_entry {
    cidr range;
    std::optional<seconds> lifetime;  ///< From when it is loaded; none: until it is taken out.
};

/// How many entries a list may have.
constexpr std::size_t list_entries_max = 1'000'000;
/// How many bytes a file may have.
constexpr std::size_t list_bytes_max = 64U << 20U;

/// Reads "10s", "5m", "12h", "7d": at least a second, at most ten years.
[[nodiscard]] told<seconds> parse_lifetime(std::string_view text);

/// Reads "RANGE" or "RANGE for TIME".
[[nodiscard]] told<list_entry> parse_list_line(std::string_view line);

/// Reads a whole list. Empty lines and what stands behind "#" do not count. What is wrong is told
/// with `name` and the number of the line ("block.txt:17: ..."); the first mistake ends it.
[[nodiscard]] told<std::vector<list_entry>> parse_list(std::string_view text,
                                                       std::string_view name);

/// `parse_list` of the file.
[[nodiscard]] told<std::vector<list_entry>> read_list_file(const std::filesystem::path& path);

}  // namespace ringway::guard
