// Whether a directory can be served, before anything is started.
#pragma once

#include <optional>
#include <string>

#include "cli/reply.hpp"

namespace ringway::cli {

/// What keeps `path` from being served, and what to do about it: it does not exist, is no
/// directory, may not be read. Nothing if it can be served.
[[nodiscard]] std::optional<reply> check_served_directory(const std::string& path);

}  // namespace ringway::cli
