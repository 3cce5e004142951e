// Rows of experiments with datagrams between two network namespaces.
#pragma once

#include "lab/bench_plan.hpp"

namespace ringway::lab {

/// Round trips of one datagram at a time by UDP sockets, AF_XDP and XDP_TX, with what the tutorial
/// claims of AF_XDP's latency.
[[nodiscard]] outcome<bench_plan> plan_single_datagrams(const bench_settings& settings);

/// The same with 32 under way.
[[nodiscard]] outcome<bench_plan> plan_many_datagrams(const bench_settings& settings);

}  // namespace ringway::lab
