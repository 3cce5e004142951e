// What the command line asked to be told, or what is wrong with it.
#pragma once

#include <string>
#include <string_view>

namespace ringway::cli {

/// A text for the user and the exit status that goes with it: 0 belongs on standard output, all
/// else on standard error.
struct reply {
    static constexpr int usage_status = 2;

    std::string text;  ///< Ends with a line feed.
    int exit_code = 0;
};

/// One line "ringway: TEXT", with the status of a usage error.
[[nodiscard]] inline reply usage_error(std::string_view text) {
    return {"ringway: " + std::string{text} + "\n", reply::usage_status};
}

}  // namespace ringway::cli
