#include "http/engine_memory.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <ringway/base/assert.hpp>
#include <ringway/coro/frame_pool.hpp>

namespace ringway::http::detail {
namespace {

// Neither library says the size of what it frees, so that it stands in front.
struct alignas(std::max_align_t) block_head {
    std::size_t bytes;
};

block_head* head_of(void* memory) noexcept { return static_cast<block_head*>(memory) - 1; }

}  // namespace

struct engine_memory::calls {
    static void* allocate(std::size_t size, void* user) noexcept {
        auto& self = *static_cast<engine_memory*>(user);
        const std::size_t bytes = size + sizeof(block_head);
        if (size > self.bytes_max_ || bytes > self.bytes_max_ - self.bytes_) {
            return nullptr;
        }
        void* const taken = self.below_ == nullptr ? ringway::detail::allocate_frame(bytes)
                                                   : self.below_->allocate(bytes);
        auto* const head = ::new (taken) block_head{bytes};
        self.bytes_ += bytes;
        return head + 1;
    }

    static void release(void* memory, void* user) noexcept {
        if (memory == nullptr) {
            return;
        }
        block_head* const head = head_of(memory);
        auto& self = *static_cast<engine_memory*>(user);
        self.bytes_ -= head->bytes;
        if (self.below_ == nullptr) {
            ringway::detail::free_frame(head, head->bytes);
        } else {
            self.below_->release(head, head->bytes);
        }
    }

    static void* allocate_zeroed(std::size_t count, std::size_t size, void* user) noexcept {
        if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) {
            return nullptr;
        }
        void* const memory = allocate(count * size, user);
        return memory == nullptr ? nullptr : std::memset(memory, 0, count * size);
    }

    static void* reallocate(void* memory, std::size_t size, void* user) noexcept {
        if (memory == nullptr) {
            return allocate(size, user);
        }
        void* const moved = allocate(size, user);
        if (moved != nullptr) {
            const std::size_t had = head_of(memory)->bytes - sizeof(block_head);
            std::memcpy(moved, memory, std::min(had, size));
            release(memory, user);
        }
        return moved;
    }
};

template <class Functions>
Functions engine_memory::make_functions(engine_memory* self) noexcept {
    return {self, &calls::allocate, &calls::release, &calls::allocate_zeroed, &calls::reallocate};
}

template nghttp2_mem engine_memory::make_functions(engine_memory* self) noexcept;
template nghttp3_mem engine_memory::make_functions(engine_memory* self) noexcept;

engine_memory::~engine_memory() { RW_ASSERT(bytes_ == 0); }

}  // namespace ringway::http::detail
