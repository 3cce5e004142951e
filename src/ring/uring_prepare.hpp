// Operation to submission queue entry.
#pragma once

#include <liburing.h>

#include <ringway/ring/operation.hpp>

#include "ring/uring_setup.hpp"

namespace ringway {

/// Fills `sqe` for `op`, all but user_data. `op` is any kind but `sendfile`. What the kernel can't
/// do many times (`features`) is asked for once.
void prepare_entry(io_uring_sqe& sqe, const operation& op, const uring_features& features) noexcept;

}  // namespace ringway
