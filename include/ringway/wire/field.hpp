// The header fields that the server looks at, and their recognition by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::wire {

/// The fields that have a meaning for this server; every other one is `other`.
enum class field : std::uint8_t {
    accept,
    accept_encoding,
    connection,
    content_length,
    expect,
    host,
    if_match,
    if_modified_since,
    if_none_match,
    if_range,
    if_unmodified_since,
    range,
    referer,
    te,
    transfer_encoding,
    upgrade,
    user_agent,
    other,
};

/// How many fields have a name here, without `other`; the size of lookup tables.
inline constexpr std::size_t field_count = static_cast<std::size_t>(field::other);
static_assert(field_count < 32, "field_bit needs one bit for each field");

/// The place of `name` in a set of fields kept as a bitmask.
[[nodiscard]] constexpr std::uint32_t field_bit(field name) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(name);
}

/// Which field `name` is, without regard to case (RFC 9110 section 5.1). Anything else, the empty
/// name included, is `other`.
[[nodiscard]] field classify_field(std::string_view name) noexcept;

/// The name of `name` in lower case ("if-range"); "other" for `other`. Static text.
[[nodiscard]] std::string_view name_of(field name) noexcept;

/// One header field line. `value` comes without the white space around it.
/// Lifetime: that of the buffer that both point into.
struct header_field {
    std::string_view name;
    std::string_view value;
};

}  // namespace ringway::wire
