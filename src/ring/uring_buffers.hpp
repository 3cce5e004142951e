// Receive buffers in a ring that the kernel takes from.
#pragma once

#include <liburing.h>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway {

/// The pool of an io_uring driver.
///
/// The kernel takes buffers in ring order, so a full ring of 1024 would walk through all of them
/// and through the processor's cache. Only as many as are needed are in the ring at a time; the
/// rest wait on a free list, last in, first out.
class uring_buffer_pool final : public buffer_pool {
public:
    static constexpr std::uint16_t group = 0;

    uring_buffer_pool(std::uint16_t count, std::uint32_t bytes_each);

    /// Registers the ring with the kernel and fills it. Fails with the errno of
    /// io_uring_register(2).
    [[nodiscard]] result<void> enroll(io_uring& ring);
    void unregister(io_uring& ring) noexcept;

    /// Notes that the kernel took a buffer out of the ring.
    void taken(std::uint16_t id) noexcept;

private:
    void recycle(std::uint16_t id) noexcept override;
    void add(std::uint16_t id) noexcept;

    io_uring_buf_ring* entries_ = nullptr;
    std::vector<std::uint16_t> spare_;
    std::uint32_t in_ring_ = 0;
    std::uint32_t wanted_in_ring_;
};

}  // namespace ringway
