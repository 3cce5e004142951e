#include <ringway/ring/buffer_pool.hpp>

#include <algorithm>
#include <bit>
#include <sys/mman.h>

#include <ringway/ring/operation.hpp>

namespace ringway {

// Anonymous pages: a buffer that no peer has ever filled costs no memory.
buffer_pool::buffer_pool(std::uint16_t count, std::uint32_t bytes_each)
    : memory_{nullptr}, count_{count}, bytes_each_{bytes_each} {
    RW_ASSERT(std::has_single_bit(count) && count <= 32768 && bytes_each > 0);
    void* const pages = ::mmap(nullptr, std::size_t{count} * bytes_each, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    RW_ASSERT(pages != MAP_FAILED);
    memory_ = static_cast<std::byte*>(pages);
}

buffer_pool::~buffer_pool() {
    RW_ASSERT(leased_ == 0);  // A lease would point into unmapped memory.
    ::munmap(memory_, std::size_t{count_} * bytes_each_);
}

buffer_lease buffer_lease::copy_of(byte_view bytes) {
    buffer_lease made;
    made.copy_ = std::make_unique_for_overwrite<std::byte[]>(bytes.size());
    std::ranges::copy(bytes, made.copy_.get());
    made.size_ = static_cast<std::uint32_t>(bytes.size());
    return made;
}

void buffer_lease::detach() {
    if (pool_ == nullptr) {
        return;
    }
    const byte_span now = bytes();
    auto copy = std::make_unique_for_overwrite<std::byte[]>(now.size());
    std::ranges::copy(now, copy.get());
    reset();
    copy_ = std::move(copy);
    offset_ = 0;
}

void buffer_pool::wait_for_buffer(buffer_waiter& waiter) noexcept {
    RW_ASSERT(!waiter.waiting());
    waiter.pool_ = this;
    waiter.next_ = nullptr;
    waiter.previous_ = last_waiter_;
    (last_waiter_ != nullptr ? last_waiter_->next_ : first_waiter_) = &waiter;
    last_waiter_ = &waiter;
}

void buffer_pool::forget(buffer_waiter& waiter) noexcept {
    (waiter.previous_ != nullptr ? waiter.previous_->next_ : first_waiter_) = waiter.next_;
    (waiter.next_ != nullptr ? waiter.next_->previous_ : last_waiter_) = waiter.previous_;
    waiter.pool_ = nullptr;
}

void buffer_waiter::stop_waiting() noexcept {
    if (pool_ != nullptr) {
        pool_->forget(*this);
    }
}

void buffer_pool::returned(std::uint16_t id) noexcept {
    RW_ASSERT(leased_ > 0);
    --leased_;
    recycle(id);
    pass_on();
}

void buffer_pool::pass_on() noexcept {
    if (buffer_waiter* const waiter = first_waiter_; waiter != nullptr && has_free()) {
        forget(*waiter);
        waiter->told_(*waiter);
    }
}

listed_buffer_pool::listed_buffer_pool(std::uint16_t count, std::uint32_t bytes_each)
    : buffer_pool{count, bytes_each} {
    free_.reserve(count);
    for (std::uint16_t id = count; id > 0; --id) {
        free_.push_back(static_cast<std::uint16_t>(id - 1));
    }
}

std::uint16_t listed_buffer_pool::take() noexcept {
    if (free_.empty()) {
        return completion::no_buffer;
    }
    const std::uint16_t id = free_.back();
    free_.pop_back();
    return id;
}

}  // namespace ringway
