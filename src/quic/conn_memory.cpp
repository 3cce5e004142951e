#include "quic/conn_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "base/resting_memory.hpp"

namespace ringway::quic::detail {
namespace {

// ngtcp2 does not say the size of what it frees, so that it stands in front.
struct alignas(std::max_align_t) block_head {
    std::size_t bytes;
};

block_head* head_of(void* memory) noexcept { return static_cast<block_head*>(memory) - 1; }

void* allocate(std::size_t size, void* user) noexcept {
    if (size > std::numeric_limits<std::size_t>::max() - sizeof(block_head)) {
        return nullptr;
    }
    const std::size_t bytes = size + sizeof(block_head);
    return ::new (static_cast<resting_memory*>(user)->allocate(bytes)) block_head{bytes} + 1;
}

void release(void* memory, void* user) noexcept {
    if (memory != nullptr) {
        block_head* const head = head_of(memory);
        static_cast<resting_memory*>(user)->release(head, head->bytes);
    }
}

void* allocate_zeroed(std::size_t count, std::size_t size, void* user) noexcept {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) {
        return nullptr;
    }
    void* const memory = allocate(count * size, user);
    return memory == nullptr ? nullptr : std::memset(memory, 0, count * size);
}

void* reallocate(void* memory, std::size_t size, void* user) noexcept {
    void* const moved = allocate(size, user);
    if (memory != nullptr && moved != nullptr) {
        std::memcpy(moved, memory, std::min(head_of(memory)->bytes - sizeof(block_head), size));
        release(memory, user);
    }
    return moved;
}

}  // namespace

conn_memory::conn_memory() noexcept
    : calls_{&memory_, &allocate, &release, &allocate_zeroed, &reallocate} {}

}  // namespace ringway::quic::detail
