// Whether a terminal is one to draw on.
#pragma once

#include <string>

namespace ringway::cli {

/// Whether terminals of this type, the variable TERM, are known here and can put text anywhere.
/// False for "", for "dumb", and for what the terminfo database of this machine does not have.
[[nodiscard]] bool can_be_drawn_on(const std::string& type);

}  // namespace ringway::cli
