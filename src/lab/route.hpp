// The route to the other side or to ourselves, and by which algorithm TCP controls congestion on
// it.
#pragma once

namespace ringway::lab {

/// Replaces the route of this namespace's 10.77.0.0/24 by one with the congestion control
/// `algorithm` (RTAX_CC_ALGO, Linux 4.0). Unlike tcp_congestion_control, a namespace may choose any
/// algorithm that is loaded this way. System calls only. False with errno.
[[nodiscard]] bool set_route_congestion_control(const char* device, const char* own_address,
                                                const char* algorithm) noexcept;

/// The same for all of 127.0.0.0/8 of this namespace, whose loopback interface must be up.
[[nodiscard]] bool set_loopback_congestion_control(const char* algorithm) noexcept;

}  // namespace ringway::lab
