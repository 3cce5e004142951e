// Writing text that others chose into URLs, HTML and JSON.
#pragma once

#include <string>
#include <string_view>

namespace ringway::wire {

/// Appends `path` percent-encoded for a Location field or an href. Slashes stay, all but RFC 3986's
/// unreserved characters and a few harmless sub-delimiters are encoded, ':' too, so that the first
/// segment can't be taken for a scheme. Of several leading slashes one remains, so that the result
/// can't be taken for //host. Allocates.
void append_escaped_path(std::string& out, std::string_view path);

/// Appends a part of a URL that is encoded already, as a client sent it, for a Location field: only
/// the bytes that neither a path nor a query may hold are percent-encoded (RFC 3986 sections 3.3
/// and 3.4), '%' stays. Allocates.
void append_escaped_target(std::string& out, std::string_view part);

/// Appends `text` so that it is text inside HTML elements and quoted attributes. Bytes that aren't
/// UTF-8 become U+FFFD. Allocates.
void append_html_escaped(std::string& out, std::string_view text);

/// Appends `text` as the inside of a JSON string (RFC 8259 section 7), '<', '>' and '&' escaped so
/// that it can stand in a script element. Bytes that aren't UTF-8 become U+FFFD. Allocates.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace ringway::wire
