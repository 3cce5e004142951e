// The four rings that a program and the kernel share: one side produces, the other consumes.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::xdp {

/// Where a ring's parts are. The numbers count on for ever and wrap around at 2^32.
struct ring_parts {
    std::uint32_t* producer = nullptr;
    std::uint32_t* consumer = nullptr;
    const std::uint32_t* flags = nullptr;
    void* entries = nullptr;
    std::uint32_t size = 0;  ///< A power of two.
};

namespace detail {
inline std::uint32_t load_acquire(std::uint32_t* number) noexcept {
    return std::atomic_ref{*number}.load(std::memory_order_acquire);
}
inline void store_release(std::uint32_t* number, std::uint32_t value) noexcept {
    std::atomic_ref{*number}.store(value, std::memory_order_release);
}
}  // namespace detail

/// A ring that we fill: fill and tx.
template <class Entry>
class producer_ring {
public:
    producer_ring() = default;
    explicit producer_ring(const ring_parts& parts) noexcept
        : parts_{parts}, next_{*parts.producer}, freed_{*parts.consumer + parts.size} {
        RW_ASSERT(std::has_single_bit(parts.size));
    }

    /// Entries that can be written, at most `wanted`. Asks the kernel's side only when needed.
    [[nodiscard]] std::uint32_t room(std::uint32_t wanted) noexcept {
        if (freed_ - next_ < wanted) {
            freed_ = detail::load_acquire(parts_.consumer) + parts_.size;
        }
        return std::min(freed_ - next_, wanted);
    }
    /// Writes the next entry. There must be room. The kernel sees it after `publish`.
    void push(const Entry& entry) noexcept {
        static_cast<Entry*>(parts_.entries)[next_++ & (parts_.size - 1)] = entry;
    }
    /// What was written as number `which` since the beginning, if that is not overwritten by now.
    [[nodiscard]] Entry entry(std::uint64_t which) const noexcept {
        return static_cast<const Entry*>(parts_.entries)[which & (parts_.size - 1)];
    }
    void publish() noexcept { detail::store_release(parts_.producer, next_); }

    /// Entries that were published and not consumed yet.
    [[nodiscard]] std::uint32_t pending() const noexcept {
        return next_ - detail::load_acquire(parts_.consumer);
    }
    /// Whether the kernel asks to be told of new entries (XDP_USE_NEED_WAKEUP).
    [[nodiscard]] bool needs_wakeup() const noexcept {
        return (std::atomic_ref{const_cast<std::uint32_t&>(*parts_.flags)}.load(
                    std::memory_order_relaxed) &
                1U) != 0;
    }
    [[nodiscard]] std::uint32_t size() const noexcept { return parts_.size; }

private:
    ring_parts parts_;
    std::uint32_t next_ = 0;
    std::uint32_t freed_ = 0;  // Entries before this number may be written.
};

/// A ring that we empty: rx and completion.
template <class Entry>
class consumer_ring {
public:
    consumer_ring() = default;
    explicit consumer_ring(const ring_parts& parts) noexcept
        : parts_{parts}, next_{*parts.consumer}, filled_{*parts.producer} {
        RW_ASSERT(std::has_single_bit(parts.size));
    }

    /// Entries that can be read, at most `wanted`.
    [[nodiscard]] std::uint32_t available(std::uint32_t wanted) noexcept {
        if (filled_ == next_) {
            filled_ = detail::load_acquire(parts_.producer);
        }
        return std::min(filled_ - next_, wanted);
    }
    /// Reads the next entry. There must be one.
    [[nodiscard]] Entry pop() noexcept {
        return static_cast<const Entry*>(parts_.entries)[next_++ & (parts_.size - 1)];
    }
    /// The kernel may write what was read before.
    void release() noexcept { detail::store_release(parts_.consumer, next_); }

private:
    ring_parts parts_;
    std::uint32_t next_ = 0;
    std::uint32_t filled_ = 0;  // Entries before this number may be read.
};

/// One of an AF_XDP socket's rings, mapped.
class ring_memory {
public:
    ring_memory() = default;
    ring_memory(const ring_memory&) = delete;
    ring_memory& operator=(const ring_memory&) = delete;
    ~ring_memory() { unmap(); }

    struct offsets {
        std::uint64_t producer, consumer, entries, flags;
    };
    /// Maps the ring at `page_offset` of `socket`. False with errno.
    [[nodiscard]] bool map(int socket, std::uint64_t page_offset, const offsets& where,
                           std::uint32_t size, std::uint32_t entry_bytes) noexcept;
    void unmap() noexcept;
    [[nodiscard]] const ring_parts& parts() const noexcept { return parts_; }

private:
    void* memory_ = nullptr;
    std::size_t bytes_ = 0;
    ring_parts parts_;
};

}  // namespace ringway::xdp
