#include "copy/kernel_calls.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

namespace ringway {

ssize_t kernel_calls::read(int from, void* memory, std::size_t length,
                           std::uint64_t offset) noexcept {
    return ::pread(from, memory, length, static_cast<off_t>(offset));
}

ssize_t kernel_calls::write(int to, const void* memory, std::size_t length,
                            std::uint64_t offset) noexcept {
    return ::pwrite(to, memory, length, static_cast<off_t>(offset));
}

ssize_t kernel_calls::copy_range(int from, std::uint64_t offset, int to, std::uint64_t to_offset,
                                 std::size_t length) noexcept {
    auto in = static_cast<off64_t>(offset);
    auto out = static_cast<off64_t>(to_offset);
    return ::copy_file_range(from, &in, to, &out, length, 0);
}

ssize_t kernel_calls::send_file(int from, std::uint64_t offset, int to,
                                std::size_t length) noexcept {
    auto in = static_cast<off_t>(offset);
    return ::sendfile(to, from, &in, length);
}

ssize_t kernel_calls::fill(int from, std::uint64_t offset, int pipe, std::size_t length) noexcept {
    auto in = static_cast<off64_t>(offset);
    return ::splice(from, &in, pipe, nullptr, length, SPLICE_F_MOVE);
}

ssize_t kernel_calls::drain(int pipe, int to, std::uint64_t offset, std::size_t length) noexcept {
    auto out = static_cast<off64_t>(offset);
    return ::splice(pipe, nullptr, to, &out, length, SPLICE_F_MOVE);
}

int kernel_calls::clone(int from, int to) noexcept { return ::ioctl(to, FICLONE, from); }

int kernel_calls::clone_from(int from, std::uint64_t offset, int to) noexcept {
    file_clone_range range{};
    range.src_fd = from;
    range.src_offset = offset;
    range.src_length = 0;  // To the end.
    range.dest_offset = offset;
    return ::ioctl(to, FICLONERANGE, &range);
}

kernel_calls& kernel_calls::real() noexcept {
    static kernel_calls calls;
    return calls;
}

}  // namespace ringway
