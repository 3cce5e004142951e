// A record that is spread over receive buffers, put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway::tls {

/// Memory grows with what has arrived, not with what the header promises.
class partial_record {
public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// Takes bytes of the record from the front of `from`. Yields how many.
    std::size_t fill(byte_view from);

    /// The record is all there. A record that is too long counts as there with its header.
    [[nodiscard]] bool complete() const noexcept;

    [[nodiscard]] byte_span bytes() const noexcept { return {memory_.get(), size_}; }

    /// Gives its memory away as a lease of the bytes at `offset`, and is empty.
    [[nodiscard]] buffer_lease release(std::size_t offset, std::size_t size) noexcept;
    void clear() noexcept;

private:
    [[nodiscard]] std::size_t wanted() const noexcept;
    void reserve(std::size_t bytes);

    std::unique_ptr<std::byte[]> memory_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

}  // namespace ringway::tls
