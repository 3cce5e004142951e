// Which Ringway this is.
#pragma once

#include <string>
#include <string_view>

namespace ringway::cli {

/// "0.1.0"
[[nodiscard]] std::string_view version_number();

/// The kernel that runs here: uname(2)'s release, "6.12.5".
[[nodiscard]] std::string kernel_release();

/// How this program was built: "Release, Clang 19.1.7, libstdc++ 12".
[[nodiscard]] std::string build_text();

/// What --version prints: version, build and kernel, a line each.
[[nodiscard]] std::string version_text();

}  // namespace ringway::cli
