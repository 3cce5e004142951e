// The route to the other side, and by which algorithm TCP controls congestion on it.
#pragma once

namespace ringway::lab {

/// Replaces the route of this namespace's 10.77.0.0/24 by one with the congestion control
/// `algorithm` (RTAX_CC_ALGO, Linux 4.0). Unlike tcp_congestion_control, a namespace may choose any
/// algorithm that is loaded this way. System calls only. False with errno.
[[nodiscard]] bool set_route_congestion_control(const char* device, const char* own_address,
                                                const char* algorithm) noexcept;

}  // namespace ringway::lab
