// What QUIC has done, as Prometheus text.
#pragma once

#include <span>
#include <string>

#include <ringway/quic/counters.hpp>

namespace ringway::cli {

/// Appends the families of QUIC, summed over `shards`. All may be written meanwhile. Allocates.
void append_quic_metrics(std::string& out, std::span<const quic::endpoint_counters* const> shards);

}  // namespace ringway::cli
