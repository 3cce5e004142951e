#include <ringway/coro/frame_pool.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "base/sanitizers.hpp"

namespace ringway::detail {
namespace {

constexpr std::size_t class_bytes = 64;
constexpr std::size_t pooled_bytes_max = 16384;
constexpr std::size_t class_count = pooled_bytes_max / class_bytes;

// Of each class, so that a burst does not take memory for ever.
constexpr std::size_t kept_bytes_max = std::size_t{512} * 1024;

struct free_block {
    free_block* next;
};

struct free_list {
    free_block* first = nullptr;
    std::size_t count = 0;
};

// Trivially destructible on purpose: frames may be freed by destructors of other thread-locals.
// The memory of a finished thread goes back through `release` below.
thread_local std::array<free_list, class_count> free_lists{};

struct releaser {
    ~releaser() {
        for (free_list& list : free_lists) {
            while (list.first != nullptr) {
                ::operator delete(std::exchange(list.first, list.first->next));
            }
            list.count = 0;
        }
    }
};
thread_local releaser release_at_thread_exit;

constexpr std::size_t class_of(std::size_t size) noexcept { return (size - 1) / class_bytes; }
constexpr std::size_t bytes_of(std::size_t of_class) noexcept {
    return (of_class + 1) * class_bytes;
}

}  // namespace

// A sanitizer can only watch frames that really come and go.
constexpr bool pools = !under_address_sanitizer;

void* allocate_frame(std::size_t size) noexcept {
    if (!pools || size > pooled_bytes_max) {
        return ::operator new(size);
    }
    free_list& list = free_lists[class_of(size)];
    if (list.first == nullptr) {
        [[maybe_unused]] const releaser& armed = release_at_thread_exit;
        return ::operator new(bytes_of(class_of(size)));
    }
    --list.count;
    return std::exchange(list.first, list.first->next);
}

void free_frame(void* memory, std::size_t size) noexcept {
    const std::size_t kind = class_of(size);
    if (!pools || size > pooled_bytes_max ||
        free_lists[kind].count * bytes_of(kind) >= kept_bytes_max) {
        ::operator delete(memory);
        return;
    }
    free_list& list = free_lists[kind];
    list.first = ::new (memory) free_block{list.first};
    ++list.count;
}

}  // namespace ringway::detail
