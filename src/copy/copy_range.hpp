// The blocking ways to copy a part of a file to the same place in another.
#pragma once

#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/copy/settings.hpp>

#include "copy/kernel_calls.hpp"

namespace ringway {

/// A part of a file, in bytes.
struct copy_piece {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// What all pieces of one copy share.
struct copy_context {
    kernel_calls& calls;
    int from = -1;
    int to = -1;
    copy_method method = copy_method::read_write;  ///< One of the blocking ones.
    bool skip_zeros = false;                       ///< Blocks of zeros are not written.
    std::uint32_t buffer_bytes = 256 * 1024;
    copy_meter& meter;
};

/// Copies `piece`, all of it, and yields its length; less if the source has ended there.
/// Fails with `canceled` if the meter says stop, `unsupported` if the kernel refuses this way for
/// these files (nothing has moved then), else with the errno of what failed.
[[nodiscard]] result<std::uint64_t> copy_range(const copy_context& context, copy_piece piece);

/// Copies from the position of `from` until it ends, for files that do not say their size.
/// Yields the bytes. Fails as `copy_range`. Writes from the offset 0 of a regular file, or at the
/// position of anything else.
[[nodiscard]] result<std::uint64_t> copy_stream(const copy_context& context);

/// Writes all of `bytes` from the begin on. Fails with the errno of pwrite(2).
[[nodiscard]] result<void> write_whole(const copy_context& context, byte_view bytes);

/// The length of the zeros that `memory` begins with, in whole blocks of 4096 bytes.
[[nodiscard]] std::size_t zeros_in_front(const std::byte* memory, std::size_t length) noexcept;

}  // namespace ringway
