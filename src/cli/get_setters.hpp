// What the options of `ringway get` do that is more than storing one value.
#pragma once

#include <string_view>

#include "cli/get_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// "Name: value".
[[nodiscard]] parsed<void> add_field(get_options& to, std::string_view value);

/// "FIRST-LAST", "FIRST-" or "-LAST".
[[nodiscard]] parsed<void> set_range(get_options& to, std::string_view value);

/// "HOST:PORT:ADDRESS".
[[nodiscard]] parsed<void> add_address(get_options& to, std::string_view value);

/// A local address, "127.0.0.2" or "[::1]", with or without a port.
[[nodiscard]] parsed<void> add_migration(get_options& to, std::string_view value);

/// Two versions can't both be forced.
[[nodiscard]] parsed<void> set_compressed(get_options& to, std::string_view value);
/// A file that can be read.
[[nodiscard]] parsed<void> set_trust_file(get_options& to, std::string_view value);

[[nodiscard]] parsed<void> set_version(get_options& to, http::client_version version);

}  // namespace ringway::cli
