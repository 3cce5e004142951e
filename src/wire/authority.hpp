// The authority of a URI, as it stands in Host and in request targets.
#pragma once

#include <string_view>

namespace ringway::wire::detail {

/// Whether `text` is host [ ":" port ] of RFC 3986 section 3.2 with a host that isn't empty and a
/// port, where one is given, of at most 65535. User information isn't allowed (RFC 9110 section
/// 4.2.4).
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

/// As `is_authority`, with a port: the target of CONNECT (RFC 9112 section 3.2.3).
[[nodiscard]] bool is_authority_with_port(std::string_view text) noexcept;

}  // namespace ringway::wire::detail
