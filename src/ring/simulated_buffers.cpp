#include "ring/simulated_buffers.hpp"

#include <algorithm>
#include <cstring>

#include <ringway/ring/operation.hpp>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define RW_FORBID(memory, size) __asan_poison_memory_region(memory, size)
#define RW_ALLOW(memory, size) __asan_unpoison_memory_region(memory, size)
#endif
#endif
#ifndef RW_FORBID
#define RW_FORBID(memory, size) static_cast<void>(0)
#define RW_ALLOW(memory, size) static_cast<void>(0)
#endif

namespace ringway::detail {

simulated_buffers::simulated_buffers(std::uint16_t count, std::uint32_t bytes_each,
                                     simulated_random& random)
    : buffer_pool{count, bytes_each}, random_{random} {
    free_.reserve(count);
    for (std::uint16_t id = 0; id < count; ++id) {
        recycle(id);
    }
}

simulated_buffers::~simulated_buffers() { RW_ALLOW(data(0), std::size_t{count()} * bytes_each()); }

std::uint16_t simulated_buffers::take() noexcept {
    if (free_.empty()) {
        return completion::no_buffer;
    }
    std::swap(free_[random_.below(free_.size())], free_.back());
    const std::uint16_t id = free_.back();
    free_.pop_back();
    RW_ALLOW(data(id), bytes_each());
    return id;
}

void simulated_buffers::recycle(std::uint16_t id) noexcept {
    RW_ASSERT(std::find(free_.begin(), free_.end(), id) == free_.end());
    std::memset(data(id), 0xdd, bytes_each());
    RW_FORBID(data(id), bytes_each());
    free_.push_back(id);
}

}  // namespace ringway::detail
