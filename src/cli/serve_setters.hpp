// What the options of `ringway serve` do that is more than storing one value.
#pragma once

#include <string_view>

#include "cli/serve_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// Whether `parse_endpoint` reads it.
[[nodiscard]] parsed<void> check_endpoint(std::string_view text);

/// Adds the endpoints of a list with commas. Names of hosts are not looked up.
[[nodiscard]] parsed<void> add_listen(serve_options& to, std::string_view value);

[[nodiscard]] parsed<void> set_admin(serve_options& to, std::string_view value);

/// Adds the file names of a list with commas.
[[nodiscard]] parsed<void> add_index(serve_options& to, std::string_view value);

/// A path below the root, with or without a slash in front.
[[nodiscard]] parsed<void> set_spa(serve_options& to, std::string_view value);

/// A list of br, zst and gz, or "off".
[[nodiscard]] parsed<void> set_precompressed(serve_options& to, std::string_view value);

[[nodiscard]] parsed<void> set_cache_control(serve_options& to, std::string_view value);

/// Adds a "Name: value".
[[nodiscard]] parsed<void> add_header(serve_options& to, std::string_view value);

/// A file, "-" or "off".
[[nodiscard]] parsed<void> set_log(serve_options& to, std::string_view value);

}  // namespace ringway::cli
