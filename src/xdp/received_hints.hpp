// Reading what the steering program wrote of what the card told.
#pragma once

#include <cstddef>

#include <ringway/xdp/hints.hpp>

#include "../../bpf/xdp_steer.h"

namespace ringway::xdp {

[[nodiscard]] received_hints to_hints(const steer_hints& told) noexcept;

/// Has the program's hints behind it: no packet that comes into this frame without any is taken for
/// one that has some. `data`: where the packet will begin, in a frame with 32 bytes in front of it.
void clear_hints(std::byte* data) noexcept;

/// The hints in front of `data`; none where the program wrote none.
[[nodiscard]] received_hints read_hints(const std::byte* data) noexcept;

}  // namespace ringway::xdp
