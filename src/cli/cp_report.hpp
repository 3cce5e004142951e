// What `ringway cp` says about what it did.
#pragma once

#include <string>
#include <string_view>

#include <ringway/copy/copy_paths.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::cli {

/// `name` as a shell would read it: in one line, whatever bytes it has.
[[nodiscard]] std::string shell_quoted(std::string_view name);

/// One line without its end: what could not be done, and what to do about it.
[[nodiscard]] std::string failure_text(const copy_event& event, copy_method asked);

/// One line without its end: "'a' -> 'b'".
[[nodiscard]] std::string success_text(const copy_event& event);

/// A line of JSON about one file, with its end.
[[nodiscard]] std::string to_json(const copy_event& event, copy_method asked);

/// A line of JSON about all of them, with its end.
[[nodiscard]] std::string to_json(const copy_totals& totals, nanoseconds elapsed, int exit_status);

}  // namespace ringway::cli
