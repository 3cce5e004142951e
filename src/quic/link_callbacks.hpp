// What ngtcp2 calls in a link.
#pragma once

#include <ngtcp2/ngtcp2.h>

#include <ringway/quic/options.hpp>

#include "quic/link_mtu.hpp"

namespace ringway::quic::detail {

/// All callbacks; the user data of the connection is its link. Server and client.
[[nodiscard]] const ngtcp2_callbacks& callbacks() noexcept;

/// ngtcp2's settings and transport parameters for `options`, both sides. Lifetime: static memory
/// is all that they refer to, besides the qlog.
/// `link_bytes`: what the first link carries. Probes of the path's MTU that are longer would never
/// leave, and ngtcp2 would count them as in flight: two thirds of a new connection's window.
void fill_settings(ngtcp2_settings& into, const transport_options& options,
                   std::size_t link_bytes = payload_bytes_most) noexcept;
void fill_parameters(ngtcp2_transport_params& into, const transport_options& options) noexcept;

}  // namespace ringway::quic::detail
