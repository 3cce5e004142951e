#include "xdp/shared_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <sys/mman.h>

#include <ringway/base/assert.hpp>

namespace ringway::xdp {

bool ring_memory::map(int socket, std::uint64_t page_offset, const offsets& where,
                      std::uint32_t size, std::uint32_t entry_bytes) noexcept {
    RW_ASSERT(memory_ == nullptr);
    const std::size_t bytes = where.entries + std::size_t{size} * entry_bytes;
    void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                                socket, static_cast<off_t>(page_offset));
    if (mapped == MAP_FAILED) {
        return false;
    }
    memory_ = mapped;
    bytes_ = bytes;
    auto* const begin = static_cast<std::byte*>(mapped);
    parts_ = {.producer = reinterpret_cast<std::uint32_t*>(begin + where.producer),
              .consumer = reinterpret_cast<std::uint32_t*>(begin + where.consumer),
              .flags = reinterpret_cast<const std::uint32_t*>(begin + where.flags),
              .entries = begin + where.entries,
              .size = size};
    return true;
}

void ring_memory::unmap() noexcept {
    if (memory_ != nullptr) {
        ::munmap(memory_, bytes_);
        memory_ = nullptr;
    }
}

}  // namespace ringway::xdp
