// Copying by reads and writes of the shard's driver: each lane has a buffer, and is either reading
// or writing it; while some read, others write.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <sys/stat.h>

#include <ringway/base/assert.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/enrolled.hpp>

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

// A lane's buffer, which the kernel knows beforehand (READ_FIXED, WRITE_FIXED) if that pays and the
// limit of locked memory allows it: its pages are pinned once and not for each transfer.
struct lane_buffer {
    lane_buffer(byte_span whole, bool enrolls) noexcept : memory{whole} {
        if (enrolls) {
            enrolled.emplace(whole);
        }
    }
    [[nodiscard]] std::uint16_t slot() const noexcept {
        return enrolled ? enrolled->slot() : operation::no_slot;
    }
    byte_span memory;
    std::optional<enrolled_buffer> enrolled;
};

operation transfer_operation(op_kind kind, int fd, const lane_buffer& buffer, std::uint64_t begin,
                             std::uint64_t length, std::uint64_t offset) noexcept {
    operation op;
    op.kind = kind;
    op.fd = fd;
    op.address = buffer.memory.data() + begin;
    op.length = static_cast<std::uint32_t>(length);
    op.offset = offset + begin;
    op.buffer_slot = buffer.slot();
    return op;
}

// Whether the file ends at `offset` or before.
bool ends_before(int fd, std::uint64_t offset) noexcept {
    struct stat facts{};
    return ::fstat(fd, &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) <= offset;
}

// Reads or writes until `wanted` bytes are done or the file ends. A direct transfer that was short
// goes on at the block that it ended in, since it may begin nowhere else.
[[gnu::noinline]] task<result<std::uint64_t>> transfer_all(op_kind kind, int fd,
                                                           const lane_buffer& buffer,
                                                           std::uint64_t wanted,
                                                           std::uint64_t offset, bool direct) {
    std::uint64_t done = 0;
    while (done < wanted) {
        const std::uint64_t begin = direct ? done / alignment * alignment : done;
        const std::uint64_t length = (direct ? rounded_up(wanted) : wanted) - begin;
        const completion moved =
            co_await await_operation{transfer_operation(kind, fd, buffer, begin, length, offset)};
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
[[gnu::noinline]] task<result<std::uint64_t>> copy_piece_by_ring(copy_job& job,
                                                                 const lane_buffer& buffer,
                                                                 copy_piece piece) {
    const byte_span memory = buffer.memory;
    const copy_context& context = job.context;
    const bool direct = context.method == copy_method::ring_direct;
    const std::uint64_t begin = direct ? piece.offset / alignment * alignment : piece.offset;
    const std::uint64_t wanted = piece.offset + piece.length - begin;
    const auto got =
        co_await transfer_all(op_kind::read, context.from, buffer, wanted, begin, direct);
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
            co_await transfer_all(op_kind::write, context.to, buffer, useful, begin, direct);
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
    const lane_buffer buffer{{memory.get(), room}, job.is_large()};
    for (;;) {
        const auto piece = job.pieces.next();
        if (!piece || piece->length == 0) {
            if (!piece) {
                job.fail(piece.error());
            }
            co_return;
        }
        const auto copied = co_await copy_piece_by_ring(job, buffer, *piece);
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
