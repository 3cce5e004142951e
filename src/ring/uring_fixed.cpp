#include "ring/uring_fixed.hpp"

#include <cerrno>
#include <optional>
#include <sys/uio.h>

namespace ringway {

result<std::uint16_t> uring_fixed::enroll_buffer(byte_span memory) noexcept {
    if (!has_buffers_) {
        if (const int made = io_uring_register_buffers_sparse(&ring_, driver::slots_max);
            made < 0) {
            return fail_errno(-made);
        }
        has_buffers_ = true;
    }
    const std::optional<std::uint16_t> slot = buffers_.take(memory);
    if (!slot) {
        return fail(errc::limit);
    }
    const iovec part{memory.data(), memory.size()};
    const __u64 untagged = 0;
    const int updated = io_uring_register_buffers_update_tag(&ring_, *slot, &part, &untagged, 1);
    if (updated < 0) {
        buffers_.give_back(*slot);
        return fail_errno(-updated);
    }
    return *slot;
}

void uring_fixed::dismiss_buffer(std::uint16_t slot) noexcept {
    const iovec none{};
    const __u64 untagged = 0;
    const int updated = io_uring_register_buffers_update_tag(&ring_, slot, &none, &untagged, 1);
    RW_ASSERT(updated == 1);
    buffers_.give_back(slot);
}

result<std::uint16_t> uring_fixed::enroll_file(int fd) noexcept {
    if (fd < 0) {  // Which would empty the slot, with success.
        return fail_errno(EBADF);
    }
    if (!has_files_) {
        if (const int made = io_uring_register_files_sparse(&ring_, driver::slots_max); made < 0) {
            return fail_errno(-made);
        }
        has_files_ = true;
    }
    const std::optional<std::uint16_t> slot = files_.take(fd);
    if (!slot) {
        return fail(errc::limit);
    }
    const int updated = io_uring_register_files_update(&ring_, *slot, &fd, 1);
    if (updated < 0) {
        files_.give_back(*slot);
        return fail_errno(-updated);
    }
    return *slot;
}

void uring_fixed::dismiss_file(std::uint16_t slot) noexcept {
    const int none = -1;
    const int updated = io_uring_register_files_update(&ring_, slot, &none, 1);
    RW_ASSERT(updated == 1);
    files_.give_back(slot);
}

}  // namespace ringway
