// A packing for memory that holds structures: zeros, small numbers, pointers into itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ringway {

/// What packing `bytes` bytes takes at most.
[[nodiscard]] constexpr std::size_t packed_words_max(std::size_t bytes) noexcept {
    return bytes + (bytes / 256 + 1) * sizeof(std::uint64_t);
}

/// Packs `from`, whose size is a multiple of 8, into `into`, which has room for
/// `packed_words_max`. Returns how many bytes that took. Words from `base` on, by less than 2 GiB,
/// are taken for pointers. Does two gigabytes a second.
[[nodiscard]] std::size_t pack_words(std::span<const std::byte> from, std::uint64_t base,
                                     std::span<std::byte> into) noexcept;

/// Puts back what `pack_words` has made with the same `base`. `into`: of the same size as `from`
/// was, and all zeros: zeros are not written, so that pages of them are never touched.
void unpack_words(std::span<const std::byte> packed, std::uint64_t base,
                  std::span<std::byte> into) noexcept;

}  // namespace ringway
