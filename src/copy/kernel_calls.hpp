// The system calls that move bytes between files, behind one interface so that tests can let them
// fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace ringway {

/// Each is its system call: a count, or -1 with errno. Offsets are absolute.
class kernel_calls {
public:
    kernel_calls() = default;
    kernel_calls(const kernel_calls&) = delete;
    kernel_calls& operator=(const kernel_calls&) = delete;
    virtual ~kernel_calls() = default;

    virtual ssize_t read(int from, void* memory, std::size_t length, std::uint64_t offset) noexcept;
    virtual ssize_t write(int to, const void* memory, std::size_t length,
                          std::uint64_t offset) noexcept;
    virtual ssize_t copy_range(int from, std::uint64_t offset, int to, std::uint64_t to_offset,
                               std::size_t length) noexcept;
    /// Writes at the position of `to`.
    virtual ssize_t send_file(int from, std::uint64_t offset, int to, std::size_t length) noexcept;
    /// From a file into a pipe.
    virtual ssize_t fill(int from, std::uint64_t offset, int pipe, std::size_t length) noexcept;
    /// From a pipe into a file.
    virtual ssize_t drain(int pipe, int to, std::uint64_t offset, std::size_t length) noexcept;
    /// FICLONE.
    virtual int clone(int from, int to) noexcept;
    /// FICLONERANGE: all from `offset` on, which is where a block begins.
    virtual int clone_from(int from, std::uint64_t offset, int to) noexcept;

    /// Those of this machine.
    [[nodiscard]] static kernel_calls& real() noexcept;
};

}  // namespace ringway
