// From the target of a request to the name of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ringway::wire {

/// A request target taken apart. Lifetime: that of the target.
struct target_parts {
    std::string_view path;   ///< As sent, still encoded; "*" for asterisk-form.
    std::string_view query;  ///< Without the question mark; "" if there is none.
};

/// Splits a target in origin-form, absolute-form (scheme and authority are dropped; an empty path
/// is "/") or asterisk-form (RFC 9112 section 3.2). Of an authority-form target (CONNECT) nothing
/// remains. For targets that the request parser let through.
[[nodiscard]] target_parts split_target(std::string_view target) noexcept;

/// The longest path that a file can have, without the terminating NUL: PATH_MAX - 1.
inline constexpr std::size_t path_bytes_max = 4095;

/// The longest name in a directory: NAME_MAX.
inline constexpr std::size_t segment_bytes_max = 255;

enum class path_verdict : std::uint8_t {
    ok,
    bad,        ///< Not a path: 400.
    not_found,  ///< A path, but no file can have it: 404.
};

struct normal_path {
    path_verdict verdict = path_verdict::bad;
    bool directory = false;  ///< It ended in a slash or a dot segment, or is the root.
    std::string_view path;   ///< Decoded, relative, no empty or dot segments; "" is the root.
};

/// Turns the path of a target into the one name that all that follows uses: for rules, lookups,
/// opening and logs.
///
/// Decodes %XX once; drops "." and empty segments and resolves ".." after decoding. Bytes that
/// aren't a slash or a control character are data, also '\', ';' and what isn't UTF-8.
///
/// `bad`: no leading slash, '%' without two hex digits, a control character (raw or encoded, NUL
/// and DEL included), ".." above the root. `not_found`: an encoded slash, a segment over
/// `segment_bytes_max`, a result over `path_bytes_max` or larger than `scratch`, which needs
/// `raw_path.size()` bytes at most. `bad` wins over `not_found` when both apply.
/// Lifetime: `path` points into `scratch`.
[[nodiscard]] normal_path normalize_path(std::string_view raw_path,
                                         std::span<char> scratch) noexcept;

/// Decodes %XX once, for queries. '+' stays. Nothing if an escape is malformed or the result
/// larger than `out`; no byte is refused. Lifetime: the result points into `out`.
[[nodiscard]] std::optional<std::string_view> percent_decode(std::string_view text,
                                                             std::span<char> out) noexcept;

}  // namespace ringway::wire
