// Memory that direct I/O takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>

namespace ringway {

/// Owns memory that begins at a multiple of its alignment. Its content is undefined at first.
class aligned_buffer {
public:
    static constexpr std::size_t page_bytes = 4096;

    aligned_buffer() = default;

    /// `bytes` is rounded up to a multiple of `alignment`, a power of two.
    /// Fails with ENOMEM.
    [[nodiscard]] static result<aligned_buffer> make(std::size_t bytes,
                                                     std::size_t alignment = page_bytes) noexcept;

    [[nodiscard]] byte_span bytes() const noexcept { return {memory_.get(), size_}; }
    [[nodiscard]] std::byte* data() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct freed {
        void operator()(std::byte* memory) const noexcept;
    };

    aligned_buffer(std::byte* memory, std::size_t size) noexcept : memory_{memory}, size_{size} {}

    std::unique_ptr<std::byte, freed> memory_;
    std::size_t size_ = 0;
};

/// `value` down, or up, to a multiple of `alignment`, a power of two. Upwards it must not overflow.
template <class Number>
[[nodiscard]] constexpr Number align_down(Number value, std::size_t alignment) noexcept {
    return value & ~static_cast<Number>(alignment - 1);
}
template <class Number>
[[nodiscard]] constexpr Number align_up(Number value, std::size_t alignment) noexcept {
    return align_down(static_cast<Number>(value + static_cast<Number>(alignment - 1)), alignment);
}

/// Whether `memory` begins at a multiple of `alignment`.
[[nodiscard]] inline bool is_aligned(const void* memory, std::size_t alignment) noexcept {
    return reinterpret_cast<std::uintptr_t>(memory) % alignment == 0;
}

}  // namespace ringway
