// Writing text that others chose into URLs, HTML and JSON.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ringway::wire {

/// Appends `path` percent-encoded for a Location field or an href. Slashes stay, all but RFC 3986's
/// unreserved characters and a few harmless sub-delimiters are encoded, ':' too, so that the first
/// segment can't be taken for a scheme. Of several leading slashes one remains, so that the result
/// can't be taken for //host. Allocates.
void append_escaped_path(std::string& out, std::string_view path);

/// As `append_escaped_path`, into memory of the caller and without allocation. Nothing if `out` is
/// too small; three bytes for each of `path` are always enough. Lifetime: points into `out`.
[[nodiscard]] std::optional<std::string_view> escape_path(std::string_view path,
                                                          std::span<char> out) noexcept;

/// Appends `text` so that it is text inside HTML elements and quoted attributes. Bytes that aren't
/// UTF-8 become U+FFFD. Allocates.
void append_html_escaped(std::string& out, std::string_view text);

/// Appends `text` as the inside of a JSON string (RFC 8259 section 7), '<', '>' and '&' escaped so
/// that it can stand in a script element. Bytes that aren't UTF-8 become U+FFFD. Allocates.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace ringway::wire
