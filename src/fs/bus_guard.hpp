// Copying from and to mapped files, whose pages may be gone.
#pragma once

#include <cstddef>

#include <ringway/base/bytes.hpp>

namespace ringway {

/// Makes sure that `guarded_copy` is asked first when this process gets a SIGBUS. What was there
/// before is asked next. Cheap when that is so already; any thread.
void install_bus_guard() noexcept;

/// memcpy(3) of `bytes` between a part of `mapping` and other memory. False when a page of the
/// mapping could not be had, because the file ends before it, or storage failed or is full; how
/// much was copied is unknown then. `install_bus_guard` has been called. Any thread.
[[nodiscard]] bool guarded_copy(void* to, const void* from, std::size_t bytes,
                                byte_view mapping) noexcept;

}  // namespace ringway
