// Diagnostic lines for the operator, on standard error. Not the access log.
#pragma once

#include <string_view>

namespace ringway {

enum class log_level : unsigned char { error, warning, info, debug };

/// Sets the least important level that is still printed. Default: `info`. Any thread.
void set_log_level(log_level level) noexcept;

/// Whether lines of `level` are printed; ask before building an expensive one.
[[nodiscard]] bool log_enabled(log_level level) noexcept;

/// Prints one line, "ringway: <level>: <text>", in a single write so that threads do not mix lines.
/// `text` may hold bytes of a peer: control characters are escaped. Never fails; a line that can't
/// be written is lost.
void log_line(log_level level, std::string_view text) noexcept;

}  // namespace ringway
