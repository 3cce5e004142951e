// What the monitor has seen, for Prometheus.
#pragma once

#include <string>

#include "monitor/model.hpp"

namespace ringway::monitor {

/// Labels that come from outside (sources, listeners, programs) are bounded: of each family at most
/// so many samples, the largest.
inline constexpr std::size_t samples_max = 100;

/// Appends the page. Families of views that have nothing to show are left out;
/// ringway_top_view_up says which and that is 0 for them.
void append_metrics(std::string& to, const snapshot& now);

}  // namespace ringway::monitor
