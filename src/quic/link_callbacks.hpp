// What ngtcp2 calls in a link.
#pragma once

#include <ngtcp2/ngtcp2.h>

#include <ringway/quic/options.hpp>

namespace ringway::quic::detail {

/// All callbacks; the user data of the connection is its link. Server and client.
[[nodiscard]] const ngtcp2_callbacks& callbacks() noexcept;

/// ngtcp2's settings and transport parameters for `options`, both sides. Lifetime: static memory
/// is all that they refer to, besides the qlog.
void fill_settings(ngtcp2_settings& into, const transport_options& options) noexcept;
void fill_parameters(ngtcp2_transport_params& into, const transport_options& options) noexcept;

}  // namespace ringway::quic::detail
