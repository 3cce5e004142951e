// The page of `ringway xdp --metrics`.
#pragma once

#include <span>
#include <string>

#include "cli/xdp_session.hpp"

namespace ringway::cli {

/// Appends the counts of the programs and sockets of `ports`, in Prometheus's format.
void append_xdp_metrics(std::string& to, std::span<const xdp_port* const> ports);

}  // namespace ringway::cli
