// Where a redirect leads, and what is asked there (RFC 9110 section 15.4).
#pragma once

#include <optional>

#include <ringway/http/client.hpp>
#include <ringway/http/client_types.hpp>

namespace ringway::http::detail {

/// The request that follows `asked` when its answer was `answer`; none where that is final. Fails
/// when the redirect must not be followed. `so_far`: redirects before this one.
[[nodiscard]] client_result<std::optional<client_request>> plan_redirect(
    const client_request& asked, const client_head& answer, unsigned so_far,
    const client_options& options);

}  // namespace ringway::http::detail
