#include "ring/uring_buffers.hpp"

#include <algorithm>

namespace ringway {
namespace {

constexpr std::uint32_t in_ring_at_first = 64;

}  // namespace

uring_buffer_pool::uring_buffer_pool(std::uint16_t count, std::uint32_t bytes_each)
    : buffer_pool{count, bytes_each},
      wanted_in_ring_{std::min<std::uint32_t>(count, in_ring_at_first)} {
    spare_.reserve(count);
    for (std::uint16_t id = count; id > 0; --id) {
        spare_.push_back(static_cast<std::uint16_t>(id - 1));
    }
}

result<void> uring_buffer_pool::enroll(io_uring& ring) {
    int outcome = 0;
    entries_ = io_uring_setup_buf_ring(&ring, count(), group, 0, &outcome);
    if (entries_ == nullptr) {
        return fail_errno(-outcome);
    }
    while (in_ring_ < wanted_in_ring_) {
        add(spare_.back());
        spare_.pop_back();
    }
    return {};
}

void uring_buffer_pool::unregister(io_uring& ring) noexcept {
    if (entries_ != nullptr) {
        io_uring_free_buf_ring(&ring, entries_, count(), group);
        entries_ = nullptr;
    }
}

void uring_buffer_pool::add(std::uint16_t id) noexcept {
    io_uring_buf_ring_add(entries_, data(id), bytes_each(), id, count() - 1, 0);
    io_uring_buf_ring_advance(entries_, 1);
    ++in_ring_;
}

void uring_buffer_pool::taken(std::uint16_t id) noexcept {
    RW_ASSERT(id < count() && in_ring_ > 0);
    --in_ring_;
    if (in_ring_ >= wanted_in_ring_ / 2 || spare_.empty()) {
        return;
    }
    // More receives at a time than before: keep more in the ring from now on.
    wanted_in_ring_ = std::min<std::uint32_t>(count(), wanted_in_ring_ * 2);
    while (in_ring_ < wanted_in_ring_ && !spare_.empty()) {
        add(spare_.back());
        spare_.pop_back();
    }
}

void uring_buffer_pool::recycle(std::uint16_t id) noexcept {
    if (in_ring_ < wanted_in_ring_) {
        add(id);
    } else {
        spare_.push_back(id);
    }
}

}  // namespace ringway
