// What to say to a client that speaks plain HTTP where TLS is spoken.
#pragma once

#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::http {

/// Whether a connection that begins with these bytes, one at least, is plain HTTP instead of TLS: a
/// letter, which no TLS record begins with (RFC 8446 section 5.1), and neither does SSL 2.0.
[[nodiscard]] bool begins_like_http(byte_view first) noexcept;

/// A whole HTTP/1.1 response with status 400 that says what to do, to be sent as it is; then the
/// connection ends. `date` is that of the Date field. Allocates.
[[nodiscard]] std::string plain_on_tls_response(std::string_view date);

}  // namespace ringway::http
