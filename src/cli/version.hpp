// Which Ringway this is.
#pragma once

#include <string>
#include <string_view>

namespace ringway::cli {

/// "0.1.0"
[[nodiscard]] std::string_view version_number();

/// The kernel that runs here: uname(2)'s release, "6.12.5".
[[nodiscard]] std::string kernel_release();

/// What --version prints: version, build and kernel, a line each.
[[nodiscard]] std::string version_text();

}  // namespace ringway::cli
