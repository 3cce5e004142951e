// Rows of experiments with datagrams between two network namespaces.
#pragma once

#include "lab/bench_plan.hpp"

namespace ringway::lab {

/// Round trips of one datagram at a time, and with 32 under way: UDP sockets, AF_XDP, XDP_TX. With
/// what the tutorial claims of AF_XDP's latency.
[[nodiscard]] outcome<bench_plan> plan_datagrams(const bench_settings& settings);

}  // namespace ringway::lab
