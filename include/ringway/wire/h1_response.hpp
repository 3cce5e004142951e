// Writing the head of an HTTP/1 response (RFC 9112 section 4).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <ringway/wire/field.hpp>

namespace ringway::wire {

/// The reason phrase of RFC 9110 section 15 and its relatives ("Not Found"); "" for statuses
/// without one. Static text.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// Writes "HTTP/1.<minor> <status> <reason>", the fields and the empty line to `out`.
///
/// Returns the bytes written, 0 if `out` is too small (its content is then unspecified). Aborts if
/// a name isn't a token or a value holds CR, LF or NUL: what a peer sent must have been escaped
/// before, and a head that is split in two is worse than none. `status` is 100 to 599, `minor` 0
/// or 1.
[[nodiscard]] std::size_t write_head(std::span<char> out, unsigned minor, int status,
                                     std::span<const header_field> fields) noexcept;

}  // namespace ringway::wire
