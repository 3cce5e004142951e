// Receive buffers of one shard: the kernel or the driver picks one when data is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

namespace ringway {

class buffer_pool;

/// One buffer on loan. Gives it back when it dies. Lifetime: the pool's driver outlives it.
class buffer_lease {
public:
    buffer_lease() = default;
    buffer_lease(buffer_pool& pool, std::uint16_t id, std::uint32_t size) noexcept
        : pool_{&pool}, size_{size}, id_{id} {}
    /// Memory of the lease's own, of which the first `size` bytes are filled.
    buffer_lease(std::unique_ptr<std::byte[]> own, std::uint32_t size) noexcept
        : copy_{std::move(own)}, size_{size} {}
    buffer_lease(buffer_lease&& other) noexcept
        : pool_{std::exchange(other.pool_, nullptr)},
          copy_{std::move(other.copy_)},
          offset_{other.offset_},
          size_{other.size_},
          id_{other.id_} {}
    buffer_lease& operator=(buffer_lease&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(copy_, other.copy_);
        std::swap(offset_, other.offset_);
        std::swap(size_, other.size_);
        std::swap(id_, other.id_);
        return *this;
    }
    ~buffer_lease() { reset(); }

    /// What was received. Lifetime: that of the lease.
    [[nodiscard]] byte_span bytes() const noexcept;
    [[nodiscard]] explicit operator bool() const noexcept {
        return pool_ != nullptr || copy_ != nullptr;
    }

    /// Shows only `size` of its bytes, from the one at `offset`, from now on.
    void narrow(std::size_t offset, std::size_t size) noexcept {
        RW_ASSERT(offset <= size_ && size <= size_ - offset);
        offset_ += static_cast<std::uint32_t>(offset);
        size_ = static_cast<std::uint32_t>(size);
    }

    /// Gives the buffer back now.
    void reset() noexcept;

    /// A copy of `bytes`, in memory of the lease's own. Allocates.
    [[nodiscard]] static buffer_lease copy_of(byte_view bytes);

    /// Gives the buffer back but keeps its bytes, in memory of the lease's own: for what may have
    /// to wait for long. Allocates.
    void detach();

private:
    buffer_pool* pool_ = nullptr;
    std::unique_ptr<std::byte[]> copy_;
    std::uint32_t offset_ = 0;
    std::uint32_t size_ = 0;
    std::uint16_t id_ = 0;
};

/// Somebody who found no free buffer and wants to hear when one comes back. Intrusive.
class buffer_waiter {
public:
    using function = void (*)(buffer_waiter& self) noexcept;

    explicit buffer_waiter(function told) noexcept : told_{told} {}
    buffer_waiter(const buffer_waiter&) = delete;
    buffer_waiter& operator=(const buffer_waiter&) = delete;
    ~buffer_waiter() { RW_ASSERT(pool_ == nullptr); }

    [[nodiscard]] bool waiting() const noexcept { return pool_ != nullptr; }
    /// Stops waiting. Does nothing when not waiting.
    void stop_waiting() noexcept;

private:
    friend class buffer_pool;

    function told_;
    buffer_pool* pool_ = nullptr;
    buffer_waiter* next_ = nullptr;
    buffer_waiter* previous_ = nullptr;
};

/// A fixed number of equal buffers. The driver that owns it says where free buffers go: into the
/// kernel's ring (io_uring) or onto a free list (the others).
class buffer_pool {
public:
    /// `count` is a power of two, at most 32768.
    buffer_pool(std::uint16_t count, std::uint32_t bytes_each);
    buffer_pool(const buffer_pool&) = delete;
    buffer_pool& operator=(const buffer_pool&) = delete;
    virtual ~buffer_pool();

    [[nodiscard]] std::byte* data(std::uint16_t id) const noexcept {
        RW_ASSERT(id < count_);
        return memory_ + std::size_t{id} * bytes_each_;
    }
    [[nodiscard]] std::uint16_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint32_t bytes_each() const noexcept { return bytes_each_; }

    /// Buffers that are with users of the pool.
    [[nodiscard]] std::uint32_t leased() const noexcept { return leased_; }

    /// More than half of the buffers are with users: who does not need one now gives it back.
    [[nodiscard]] bool is_scarce() const noexcept { return leased_ > count_ / 2U; }

    /// The buffer `id` with its first `size` bytes filled, as a lease. Called once per completion
    /// that names a buffer.
    [[nodiscard]] buffer_lease lease(std::uint16_t id, std::uint32_t size) noexcept {
        RW_ASSERT(id < count_ && size <= bytes_each_);
        ++leased_;
        return buffer_lease{*this, id, size};
    }

    /// Whether some buffer is not with a user. The kernel may hold it all the same.
    [[nodiscard]] bool has_free() const noexcept { return leased_ < count_; }

    /// Tells `waiter` once when the next buffer comes back; first come, first served. A waiter that
    /// was told and turns out to have no use for the buffer must `pass_on`.
    void wait_for_buffer(buffer_waiter& waiter) noexcept;

    /// Tells the next waiter, if a buffer is free.
    void pass_on() noexcept;

protected:
    friend class buffer_lease;
    friend class buffer_waiter;

    /// Takes a buffer back from a user: `id` is free again.
    virtual void recycle(std::uint16_t id) noexcept = 0;

private:
    void returned(std::uint16_t id) noexcept;
    void forget(buffer_waiter& waiter) noexcept;

    buffer_waiter* first_waiter_ = nullptr;
    buffer_waiter* last_waiter_ = nullptr;
    std::byte* memory_;
    std::uint16_t count_;
    std::uint32_t bytes_each_;
    std::uint32_t leased_ = 0;
};

/// A pool with a free list, for drivers that receive into a buffer themselves. Last in, first out:
/// the buffer that was used last is still in the processor's cache.
class listed_buffer_pool final : public buffer_pool {
public:
    listed_buffer_pool(std::uint16_t count, std::uint32_t bytes_each);

    /// A free buffer, or `completion::no_buffer`.
    [[nodiscard]] std::uint16_t take() noexcept;
    /// Puts back a buffer that was taken and not leased.
    void put_back(std::uint16_t id) noexcept { free_.push_back(id); }

private:
    void recycle(std::uint16_t id) noexcept override { free_.push_back(id); }

    std::vector<std::uint16_t> free_;
};

inline byte_span buffer_lease::bytes() const noexcept {
    if (pool_ != nullptr) {
        return {pool_->data(id_) + offset_, size_};
    }
    return copy_ == nullptr ? byte_span{} : byte_span{copy_.get() + offset_, size_};
}

inline void buffer_lease::reset() noexcept {
    copy_.reset();
    if (pool_ != nullptr) {
        std::exchange(pool_, nullptr)->returned(id_);
    }
}

}  // namespace ringway
