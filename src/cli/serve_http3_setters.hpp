// What the options about HTTP/3 do.
#pragma once

#include <string_view>

#include "cli/serve_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// An IP address with a port, none of which stands for every address; or "off".
[[nodiscard]] parsed<void> set_preferred_address(serve_options& to, std::string_view value);

/// A directory, or "off". Refused where the ngtcp2 that runs is too old for it.
[[nodiscard]] parsed<void> set_qlog(serve_options& to, std::string_view value);

}  // namespace ringway::cli
