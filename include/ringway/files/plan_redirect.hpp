// The redirect from a directory's name to the directory.
#pragma once

#include <string_view>

#include <ringway/http/handler.hpp>
#include <ringway/http/request.hpp>

namespace ringway::files {

/// Plans a 301 to the same path with a slash at its end, so that relative links inside the
/// directory work.
///
/// `normal_path` is the directory as `wire::normalize_path` gives it: decoded, relative, not "".
/// Location is that path percent-encoded, from one leading slash on, so that it can't name another
/// host, followed by the query as it was sent, with the bytes encoded that no query may hold (RFC
/// 3986 section 3.4). It lies in `out.text`. Allocates.
void plan_redirect(const http::request& asked, std::string_view normal_path, http::response& out);

}  // namespace ringway::files
