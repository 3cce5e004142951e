// The driver on io_uring.
#pragma once

#include <memory>

#include <ringway/ring/driver.hpp>

namespace ringway {

/// A driver on io_uring. Fails with the errno of io_uring_setup(2) when that is refused.
[[nodiscard]] result<std::unique_ptr<driver>> make_uring_driver(const driver_options& options);

/// Whether io_uring can do here what the driver needs, tried on a small ring of its own.
/// Fails with the errno of the first call that was refused.
[[nodiscard]] result<void> try_uring();

}  // namespace ringway
