// How much there is to copy, for the forecast of the progress line.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <ringway/copy/copy_paths.hpp>

namespace ringway::cli {

/// The bytes of all files that `sources` name, or none if `stop` became true or something about
/// them can't be known. Reads no file. Blocks.
[[nodiscard]] std::optional<std::uint64_t> count_bytes(std::span<const std::string> sources,
                                                       bool recursive, followed_links follow,
                                                       const std::atomic<bool>& stop);

}  // namespace ringway::cli
