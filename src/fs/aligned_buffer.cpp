#include <ringway/fs/aligned_buffer.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>

#include <ringway/base/assert.hpp>

namespace ringway {

void aligned_buffer::freed::operator()(std::byte* memory) const noexcept { std::free(memory); }

result<aligned_buffer> aligned_buffer::make(std::size_t bytes, std::size_t alignment) noexcept {
    RW_ASSERT(std::has_single_bit(alignment) && alignment >= sizeof(void*));
    const std::size_t size = align_up(std::max<std::size_t>(bytes, 1), alignment);
    void* const memory = size < bytes ? nullptr : std::aligned_alloc(alignment, size);
    if (memory == nullptr) {
        return fail_errno(ENOMEM);
    }
    return aligned_buffer{static_cast<std::byte*>(memory), size};
}

}  // namespace ringway
