// Copying by reads and writes of the shard's driver: each lane has a buffer, and is either reading
// or writing it; while some read, others write.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/stat.h>

#include <ringway/base/assert.hpp>
#include <ringway/ring/await.hpp>

#include "copy/copy_job.hpp"

namespace ringway {
namespace {

constexpr std::uint64_t alignment = 4096;  // Suits every device that O_DIRECT works on.

struct freed {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
};
using aligned_memory = std::unique_ptr<std::byte, freed>;

std::uint64_t rounded_up(std::uint64_t value) noexcept {
    return (value + alignment - 1) / alignment * alignment;
}

operation transfer_operation(op_kind kind, int fd, std::byte* memory, std::uint64_t length,
                             std::uint64_t offset) noexcept {
    operation op;
    op.kind = kind;
    op.fd = fd;
    op.address = memory;
    op.length = static_cast<std::uint32_t>(length);
    op.offset = offset;
    return op;
}

// Whether the file ends at `offset` or before.
bool ends_before(int fd, std::uint64_t offset) noexcept {
    struct stat facts{};
    return ::fstat(fd, &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) <= offset;
}

// Reads or writes until `wanted` bytes are done or the file ends. A direct transfer that was short
// goes on at the block that it ended in, since it may begin nowhere else.
[[gnu::noinline]] task<result<std::uint64_t>> transfer_all(op_kind kind, int fd, byte_span memory,
                                                           std::uint64_t wanted,
                                                           std::uint64_t offset, bool direct) {
    std::uint64_t done = 0;
    while (done < wanted) {
        const std::uint64_t begin = direct ? done / alignment * alignment : done;
        const std::uint64_t length = (direct ? rounded_up(wanted) : wanted) - begin;
        const completion moved = co_await await_operation{
            transfer_operation(kind, fd, memory.data() + begin, length, offset + begin)};
        if (moved.result == -EINTR || moved.result == -EAGAIN) {
            continue;
        }
        if (moved.result < 0) {
            co_return fail_errno(-moved.result);
        }
        const std::uint64_t reached = begin + static_cast<std::uint64_t>(moved.result);
        if (moved.result == 0 || (reached <= done && ends_before(fd, offset + done))) {
            break;
        }
        done = std::max(done, reached);
    }
    co_return std::min(done, wanted);
}

// Copies one piece; yields how much of it there was in the source.
[[gnu::noinline]] task<result<std::uint64_t>> copy_piece_by_ring(copy_job& job, byte_span memory,
                                                                 copy_piece piece) {
    const copy_context& context = job.context;
    const bool direct = context.method == copy_method::ring_direct;
    const std::uint64_t begin = direct ? piece.offset / alignment * alignment : piece.offset;
    const std::uint64_t wanted = piece.offset + piece.length - begin;
    const auto got =
        co_await transfer_all(op_kind::read, context.from, memory, wanted, begin, direct);
    if (!got) {
        co_return got;
    }
    const std::uint64_t useful = *got;
    const bool zeros = context.skip_zeros && zeros_in_front(memory.data(), useful) == useful;
    if (useful > 0 && !zeros) {
        if (direct) {  // The last block is written whole; the file is cut to its size in the end.
            std::memset(memory.data() + useful, 0, rounded_up(useful) - useful);
        }
        const auto wrote =
            co_await transfer_all(op_kind::write, context.to, memory, useful, begin, direct);
        if (!wrote || *wrote < useful) {
            co_return wrote ? fail_errno(EIO) : wrote;
        }
    }
    co_return useful - std::min(useful, piece.offset - begin);
}

}  // namespace

task<void> run_ring_lane(copy_job& job) {
    // Room for a piece that does not begin where a block does.
    const std::size_t room = rounded_up(job.context.buffer_bytes) + 2 * alignment;
    const aligned_memory memory{static_cast<std::byte*>(std::aligned_alloc(alignment, room))};
    RW_ASSERT(memory != nullptr);
    for (;;) {
        const auto piece = job.pieces.next();
        if (!piece || piece->length == 0) {
            if (!piece) {
                job.fail(piece.error());
            }
            co_return;
        }
        const auto copied = co_await copy_piece_by_ring(job, {memory.get(), room}, *piece);
        if (!copied) {
            job.fail(copied.error());
            co_return;
        }
        job.moved(*copied);
        job.context.meter.bytes.fetch_add(*copied, std::memory_order_relaxed);
        if (*copied < piece->length) {
            job.source_ended(piece->offset + *copied);
            co_return;
        }
    }
}

}  // namespace ringway
