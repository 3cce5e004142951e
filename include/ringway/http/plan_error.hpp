// Plans for requests that can't be answered with what they asked for.
#pragma once

#include <cstddef>
#include <string_view>

#include <ringway/http/request.hpp>
#include <ringway/http/response_plan.hpp>

namespace ringway::http {

/// What of an error's detail is shown; the rest is cut off.
inline constexpr std::size_t error_detail_bytes_max = 120;

/// Plans an error response of status 400 to 599 whose body names the status and, unless it is
/// empty, `detail`: a sentence for people, without trailing line break. Bytes of `detail` that
/// aren't printable ASCII are shown as '?', markup is escaped.
///
/// The body is a small page where the client asks for text/html (a browser), else plain text. It
/// lies in the plan's own storage: `detail` may go. A response to HEAD has no body.
/// `close` stays false: the session decides it, by what the error says about the framing.
void plan_error(const request& asked, int status, std::string_view detail,
                response_plan& out) noexcept;

/// As above, for a request that could not be read: always plain text.
void plan_error(int status, std::string_view detail, response_plan& out) noexcept;

/// Whether the client's Accept names text/html, which browsers do for pages and few others do.
[[nodiscard]] bool wants_html(const request& asked) noexcept;

/// Makes `plan` the answer to a request for a name that belongs on another connection (421, RFC
/// 9110 section 15.5.20).
void plan_misdirected(response_plan& plan);

}  // namespace ringway::http
