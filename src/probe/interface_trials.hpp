// Rows for the real network interfaces. None is touched unless that was asked for.
#pragma once

#include <vector>

#include <ringway/probe/examine.hpp>

#include "probe/trial.hpp"

namespace ringway::probe {

/// A row for each interface, or for the one that is named, and one for zero copy at all.
[[nodiscard]] std::vector<trial> interface_trials(const examine_options& options);

}  // namespace ringway::probe
