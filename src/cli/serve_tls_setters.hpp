// What the options about https do.
#pragma once

#include <string_view>

#include "cli/serve_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// "self", a file, or two files with a comma between them. Files are not read here.
[[nodiscard]] parsed<void> add_tls(serve_options& to, std::string_view value);

[[nodiscard]] parsed<void> add_tls_dir(serve_options& to, std::string_view value);

/// An endpoint that is no Unix socket, or "off".
[[nodiscard]] parsed<void> set_http_redirect(serve_options& to, std::string_view value);

/// Seconds, or "off"; at most ten years.
[[nodiscard]] parsed<void> set_hsts(serve_options& to, std::string_view value);

}  // namespace ringway::cli
