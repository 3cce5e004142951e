#include <ringway/coro/frame_pool.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace ringway::detail {
namespace {

constexpr std::size_t class_bytes = 64;
constexpr std::size_t pooled_bytes_max = 16384;
constexpr std::size_t class_count = pooled_bytes_max / class_bytes;

struct free_block {
    free_block* next;
};

// Trivially destructible on purpose: frames may be freed by destructors of other thread-locals.
// The memory of a finished thread goes back through `release` below.
thread_local std::array<free_block*, class_count> free_lists{};

struct releaser {
    ~releaser() {
        for (free_block*& list : free_lists) {
            while (list != nullptr) {
                ::operator delete(std::exchange(list, list->next));
            }
        }
    }
};
thread_local releaser release_at_thread_exit;

constexpr std::size_t class_of(std::size_t size) noexcept { return (size - 1) / class_bytes; }

}  // namespace

// The sanitizers can only watch frames that really come and go.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RW_FRAMES_ARE_POOLED 0
#endif
#endif
#ifndef RW_FRAMES_ARE_POOLED
#define RW_FRAMES_ARE_POOLED 1
#endif

void* allocate_frame(std::size_t size) noexcept {
    if (RW_FRAMES_ARE_POOLED == 0 || size > pooled_bytes_max) {
        return ::operator new(size);
    }
    free_block*& list = free_lists[class_of(size)];
    if (list == nullptr) {
        [[maybe_unused]] const releaser& armed = release_at_thread_exit;
        return ::operator new((class_of(size) + 1) * class_bytes);
    }
    free_block* const block = list;
    list = block->next;
    return block;
}

void free_frame(void* memory, std::size_t size) noexcept {
    if (RW_FRAMES_ARE_POOLED == 0 || size > pooled_bytes_max) {
        ::operator delete(memory);
        return;
    }
    free_block*& list = free_lists[class_of(size)];
    list = ::new (memory) free_block{list};
}

}  // namespace ringway::detail
