// Entity tags: comparing them, finding them in lists, making them (RFC 9110 section 8.8.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ringway::wire {

/// Whether `tag` is a complete entity tag, weak or strong: [W/]"...", nothing around it.
[[nodiscard]] bool is_etag(std::string_view tag) noexcept;

/// Whether `tag` starts with W/ (case-sensitive).
[[nodiscard]] bool is_weak(std::string_view tag) noexcept;

/// Both strong and the same (RFC 9110 section 8.8.3.2).
[[nodiscard]] bool strong_equal(std::string_view a, std::string_view b) noexcept;

/// The same but for W/ (RFC 9110 section 8.8.3.2).
[[nodiscard]] bool weak_equal(std::string_view a, std::string_view b) noexcept;

/// Whether one of the tags in `header`, the value of an If-Match or If-None-Match field, equals
/// `etag`, by weak comparison where `weak`, else by strong comparison. "*" is no list and matches
/// nothing here: ask `is_any_etag` first.
///
/// Reads up to the match. If the list breaks its grammar before a match was found the answer is
/// false; `malformed`, where given, says whether it did.
[[nodiscard]] bool etag_list_matches(std::string_view header, std::string_view etag, bool weak,
                                     bool* malformed = nullptr) noexcept;

/// Whether `header` is "*", which stands for every current representation.
[[nodiscard]] bool is_any_etag(std::string_view header) noexcept;

/// What an entity tag is made from.
struct etag_source {
    std::uint64_t size = 0;     ///< In bytes.
    std::int64_t mtime_ns = 0;  ///< Nanoseconds since 1970.
    std::int64_t ctime_ns = 0;  ///< Nanoseconds since 1970; for files without a useful mtime.
    std::uint64_t inode = 0;    ///< As ctime_ns.
    std::string_view variant =
        {};  ///< Of a precompressed variant its coding, e.g. "br"; <= 8 bytes.
};

/// Length of the longest tag that `format_etag` makes.
inline constexpr std::size_t etag_bytes_max = 72;

/// Writes a strong entity tag: size and modification time in hexadecimal.
///
/// Reproducible builds set the modification time of every file to 0 or 1 second; for such files,
/// and earlier times, the time of the last inode change and the inode number are used in its place,
/// so that the tag still changes with the content. Returns a view into `out`.
[[nodiscard]] std::string_view format_etag(const etag_source& source,
                                           std::span<char, etag_bytes_max> out) noexcept;

}  // namespace ringway::wire
