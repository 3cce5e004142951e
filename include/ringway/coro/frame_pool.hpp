// Memory for coroutine frames: per-thread free lists by size, so that a warm request allocates
// nothing.
#pragma once

#include <cstddef>

namespace ringway::detail {

/// Memory for a frame of `size` bytes. Sizes up to 16 KiB come from a free list of the calling
/// thread; larger ones, and the first of each size, from operator new. Ends the process when memory
/// runs out, like operator new without exceptions.
[[nodiscard]] void* allocate_frame(std::size_t size) noexcept;

/// Gives the memory back to the calling thread's free list. `size` is what was asked for.
void free_frame(void* memory, std::size_t size) noexcept;

}  // namespace ringway::detail
