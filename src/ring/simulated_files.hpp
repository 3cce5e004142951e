// Operations on real descriptors, by plain system calls that don't wait.
#pragma once

#include <cstdint>

#include <ringway/ring/operation.hpp>

namespace ringway::detail {

/// Performs `op` (poll, read, write, fsync, openat2, statx, splice, shutdown or close) on real
/// descriptors. `length` stands in for `op.length`. -EAGAIN: it would have to wait.
[[nodiscard]] int perform_on_file(const operation& op, std::uint32_t length) noexcept;

/// Whether `fd` can be read from (POLLIN) or written to (POLLOUT) without waiting.
[[nodiscard]] bool is_ready(int fd, short events) noexcept;

/// The part of `length` that a short transfer on `fd` may have: direct I/O moves whole blocks.
[[nodiscard]] std::uint32_t aligned_part(int fd, std::uint32_t part, std::uint32_t length) noexcept;

}  // namespace ringway::detail
