// The answers to methods that do not fetch a file.
#pragma once

#include <ringway/http/request.hpp>
#include <ringway/http/response_plan.hpp>

namespace ringway::files {

/// Plans the response to every method but GET and HEAD, for which it returns false and leaves `out`
/// alone. Pure.
///
/// OPTIONS, also OPTIONS *: 204 with Allow (RFC 9110 section 9.3.7). Other registered methods: 405
/// with Allow (section 15.5.6). All else: 501 (section 15.6.2).
[[nodiscard]] bool plan_method(const http::request& asked, http::response_plan& out) noexcept;

/// Plans the response to OPTIONS: 204 with Allow.
void plan_options(http::response_plan& out) noexcept;

}  // namespace ringway::files
