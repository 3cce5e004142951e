#include "copy/copy_range.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

#include "copy/lane_memory.hpp"

namespace ringway {
namespace {

constexpr std::size_t zero_block = 4096;
// What one call moves at most, so that a stop is heard in time.
constexpr std::size_t step_bytes = std::size_t{4} << 20U;
constexpr std::size_t mapped_bytes = std::size_t{2} << 20U;

// How a step has ended.
struct step {
    std::uint64_t moved = 0;
    int failure = 0;  // An errno.
};

step failed_step(std::uint64_t moved) noexcept { return {moved, errno}; }

// All of it, or how far it got.
step write_all(const copy_context& context, const std::byte* memory, std::size_t length,
               std::uint64_t offset) noexcept {
    std::size_t done = 0;
    while (done < length) {
        const ssize_t wrote =
            context.calls.write(context.to, memory + done, length - done, offset + done);
        if (wrote < 0 && errno != EINTR) {
            return failed_step(done);
        }
        if (wrote == 0) {
            return {done, EIO};  // No file does that; it must not become an endless loop.
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
    }
    return {done};
}

// As `write_all`, but leaves blocks of zeros out: the destination is new, so they are holes.
step write_data(const copy_context& context, const std::byte* memory, std::size_t length,
                std::uint64_t offset) noexcept {
    std::size_t at = 0;
    while (context.skip_zeros && at < length) {
        at += zeros_in_front(memory + at, length - at);
        std::size_t end = at;
        while (end < length && zeros_in_front(memory + end, length - end) == 0) {
            end = std::min(end + zero_block, length);
        }
        const step wrote = write_all(context, memory + at, end - at, offset + at);
        if (wrote.failure != 0) {
            return {at + wrote.moved, wrote.failure};
        }
        at = end;
    }
    return context.skip_zeros ? step{length} : write_all(context, memory, length, offset);
}

step read_write_step(const copy_context& context, copy_piece left) {
    const auto memory = lane_memory(context.buffer_bytes);
    const auto wanted = std::min<std::uint64_t>(left.length, memory.size());
    const ssize_t got = context.calls.read(context.from, memory.data(), wanted, left.offset);
    if (got <= 0) {
        return got < 0 ? failed_step(0) : step{};
    }
    return write_data(context, memory.data(), static_cast<std::size_t>(got), left.offset);
}

// Written straight from the mapping: where the file has shrunk the kernel finds no page and
// write(2) ends short or with EFAULT; nobody here touches the memory, so there is no SIGBUS.
step mapped_step(const copy_context& context, copy_piece left) noexcept {
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t begin = left.offset / page * page;
    const std::uint64_t skipped = left.offset - begin;
    const auto wanted = std::min<std::uint64_t>(left.length, mapped_bytes);
    void* const mapping = ::mmap(nullptr, skipped + wanted, PROT_READ, MAP_SHARED, context.from,
                                 static_cast<off_t>(begin));
    if (mapping == MAP_FAILED) {
        return {0, errno == ENODEV || errno == EACCES ? EOPNOTSUPP : errno};
    }
    // Not MAP_POPULATE: for a page that can't be read Linux 6.18 tries that again for ever. What
    // this (Linux 5.14) leaves out, write(2) finds missing.
    static_cast<void>(::madvise(mapping, skipped + wanted, MADV_POPULATE_READ));
    const step wrote =
        write_all(context, static_cast<const std::byte*>(mapping) + skipped, wanted, left.offset);
    ::munmap(mapping, skipped + wanted);
    return wrote.failure == EFAULT ? step{wrote.moved} : wrote;
}

step splice_step(const copy_context& context, copy_piece left) noexcept {
    const auto pipe = pipe_of_lane(std::size_t{1} << 20U);
    if (!pipe) {
        return {0, pipe.error().sys};
    }
    const auto wanted = std::min<std::uint64_t>(left.length, pipe->room);
    const ssize_t filled = context.calls.fill(context.from, left.offset, pipe->in, wanted);
    if (filled <= 0) {
        return filled < 0 ? failed_step(0) : step{};
    }
    std::uint64_t emptied = 0;
    while (emptied < static_cast<std::uint64_t>(filled)) {
        const ssize_t moved = context.calls.drain(pipe->out, context.to, left.offset + emptied,
                                                  static_cast<std::size_t>(filled) - emptied);
        if (moved < 0 && errno == EINTR) {
            continue;
        }
        if (moved <= 0) {
            const int failure = moved < 0 ? errno : EIO;
            drop_pipe_of_lane();
            return {emptied, failure};
        }
        emptied += static_cast<std::uint64_t>(moved);
    }
    return {emptied};
}

step send_file_step(const copy_context& context, copy_piece left) noexcept {
    if (::lseek(context.to, static_cast<off_t>(left.offset), SEEK_SET) < 0) {
        return failed_step(0);
    }
    const auto wanted = std::min<std::uint64_t>(left.length, step_bytes);
    const ssize_t moved = context.calls.send_file(context.from, left.offset, context.to, wanted);
    return moved < 0 ? failed_step(0) : step{static_cast<std::uint64_t>(moved)};
}

step copy_range_step(const copy_context& context, copy_piece left) noexcept {
    const auto wanted = std::min<std::uint64_t>(left.length, step_bytes);
    const ssize_t moved =
        context.calls.copy_range(context.from, left.offset, context.to, left.offset, wanted);
    return moved < 0 ? failed_step(0) : step{static_cast<std::uint64_t>(moved)};
}

step one_step(const copy_context& context, copy_piece left) {
    switch (context.method) {
        case copy_method::read_write: return read_write_step(context, left);
        case copy_method::mapped: return mapped_step(context, left);
        case copy_method::splice: return splice_step(context, left);
        case copy_method::sendfile: return send_file_step(context, left);
        case copy_method::copy_file_range: return copy_range_step(context, left);
        default: break;
    }
    RW_ASSERT(false);  // The others do not block.
}

// The kernel will not do it this way for these files, whatever the offset.
bool is_refusal(int failure) noexcept {
    return failure == EINVAL || failure == EXDEV || failure == EOPNOTSUPP || failure == ENOSYS ||
           failure == EPERM;
}

}  // namespace

std::size_t zeros_in_front(const std::byte* memory, std::size_t length) noexcept {
    std::size_t zeros = 0;
    while (zeros < length) {
        const std::size_t block = std::min(zero_block, length - zeros);
        const std::byte* const at = memory + zeros;
        // Compared with itself, one byte further on: all are equal to the first.
        if (at[0] != std::byte{0} || std::memcmp(at, at + 1, block - 1) != 0) {
            break;
        }
        zeros += block;
    }
    return zeros;
}

result<std::uint64_t> copy_range(const copy_context& context, copy_piece piece) {
    std::uint64_t done = 0;
    while (done < piece.length) {
        if (context.meter.stop.load(std::memory_order_relaxed)) {
            return fail_errno(ECANCELED);
        }
        const step made = one_step(context, {piece.offset + done, piece.length - done});
        RW_ASSERT(made.moved <= piece.length - done);
        done += made.moved;
        context.meter.bytes.fetch_add(made.moved, std::memory_order_relaxed);
        if (made.failure == EINTR || made.failure == EAGAIN) {
            continue;
        }
        if (made.failure != 0) {
            const bool other_way =
                done == 0 && context.method != copy_method::read_write && is_refusal(made.failure);
            return other_way ? std::unexpected{error{errc::unsupported, made.failure}}
                             : fail_errno(made.failure);
        }
        if (made.moved == 0) {
            break;  // The source has ended.
        }
    }
    return done;
}

result<void> write_whole(const copy_context& context, byte_view bytes) {
    const step wrote = write_all(context, bytes.data(), bytes.size(), 0);
    context.meter.bytes.fetch_add(wrote.moved, std::memory_order_relaxed);
    return wrote.failure == 0 ? result<void>{} : fail_errno(wrote.failure);
}

result<std::uint64_t> copy_stream(const copy_context& context) {
    const auto memory = lane_memory(context.buffer_bytes);
    const bool seekable = ::lseek(context.to, 0, SEEK_CUR) >= 0;
    std::uint64_t done = 0;
    for (;;) {
        if (context.meter.stop.load(std::memory_order_relaxed)) {
            return fail_errno(ECANCELED);
        }
        const ssize_t got = ::read(context.from, memory.data(), memory.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(errno);
        }
        if (got == 0) {
            return done;
        }
        for (std::size_t at = 0; !seekable && at < static_cast<std::size_t>(got);) {
            const ssize_t wrote =
                ::write(context.to, memory.data() + at, static_cast<std::size_t>(got) - at);
            if (wrote < 0 && errno != EINTR) {
                return fail_errno(errno);
            }
            at += static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
        }
        if (seekable) {
            const step wrote =
                write_data(context, memory.data(), static_cast<std::size_t>(got), done);
            if (wrote.failure != 0) {
                return fail_errno(wrote.failure);
            }
        }
        done += static_cast<std::uint64_t>(got);
        context.meter.bytes.fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
    }
}

}  // namespace ringway
