// The ways that are asked for, or that suit only some sockets: splice, mapping, pooled memory.
#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <ringway/ring/await.hpp>
#include <ringway/transfer/transfer.hpp>

#include "transfer/read_all.hpp"

namespace ringway {

// A pipe of the sender's, made when there is none left. It goes back only if it is empty.
class file_sender::pipe_lease {
public:
    explicit pipe_lease(file_sender& owner) noexcept : owner_{owner} {}
    pipe_lease(const pipe_lease&) = delete;
    pipe_lease& operator=(const pipe_lease&) = delete;
    ~pipe_lease() {
        if (is_empty && pipe.in && owner_.pipes_.size() < pipes_max) {
            owner_.pipes_.push_back(std::move(pipe));
        }
    }

    result<void> open() {
        if (!owner_.pipes_.empty()) {
            pipe = std::move(owner_.pipes_.back());
            owner_.pipes_.pop_back();
            return {};
        }
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return fail_errno(errno);
        }
        pipe = {unique_fd{ends[0]}, unique_fd{ends[1]}};
        return {};
    }

    pipe_pair pipe;
    bool is_empty = true;

private:
    static constexpr std::size_t pipes_max = 16;  // A burst of slow readers is not kept for ever.

    file_sender& owner_;
};

namespace {

constexpr std::uint64_t mapped_bytes_max = 256 * 1024;

operation splice_operation(int from, std::uint64_t offset, int to, std::uint32_t length) noexcept {
    operation op;
    op.kind = op_kind::splice;
    op.fd = from;
    op.offset = offset;
    op.other_fd = to;
    op.length = length;
    op.flags = SPLICE_F_MOVE;
    return op;
}

// A part of a file in memory, for as long as this lives.
class mapping {
public:
    mapping(int file, file_slice slice) noexcept {
        static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        const std::uint64_t begin = slice.offset / page * page;
        skipped_ = slice.offset - begin;
        size_ = skipped_ + slice.length;
        void* const memory =
            ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, static_cast<off_t>(begin));
        memory_ = memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
    }
    mapping(const mapping&) = delete;
    mapping& operator=(const mapping&) = delete;
    ~mapping() {
        if (memory_ != nullptr) {
            ::munmap(memory_, size_);
        }
    }
    [[nodiscard]] bool exists() const noexcept { return memory_ != nullptr; }
    [[nodiscard]] byte_view bytes() const noexcept {
        return {memory_ + skipped_, size_ - skipped_};
    }

private:
    std::byte* memory_ = nullptr;
    std::size_t size_ = 0;
    std::size_t skipped_ = 0;
};

bool ends_before(int file, std::uint64_t offset) noexcept {
    struct stat facts{};
    return ::fstat(file, &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) < offset;
}

}  // namespace

task<result<std::uint64_t>> file_sender::splice_chunk(stream& out, int file, file_slice slice,
                                                      transfer_progress& progress) {
    pipe_lease lease{*this};
    if (const auto opened = lease.open(); !opened) {
        co_return std::unexpected{opened.error()};
    }
    const auto length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(slice.length, small_bytes_max));
    lease.is_empty = false;
    const auto filled = to_result(co_await await_operation{
        splice_operation(file, slice.offset, lease.pipe.in.get(), length)});
    if (!filled || *filled == 0) {
        co_return filled ? result<std::uint64_t>{0} : std::unexpected{filled.error()};
    }
    int emptied = 0;
    while (emptied < *filled) {
        const auto moved = to_result(co_await await_operation{
            splice_operation(lease.pipe.out.get(), operation::no_offset, out.fd(),
                             static_cast<std::uint32_t>(*filled - emptied))});
        if (!moved || *moved == 0) {
            progress.bytes += static_cast<std::uint64_t>(emptied);
            co_return moved ? fail(errc::closed) : std::unexpected{moved.error()};
        }
        emptied += *moved;
    }
    lease.is_empty = true;
    co_return static_cast<std::uint64_t>(emptied);
}

// The kernel reads the mapping, so a page that is gone is EFAULT, not SIGBUS. Of the last page of a
// file that shrinks it would send zeros: the size is asked for before, and again after, when it is
// too late for the bytes but not for ending the connection.
task<result<std::uint64_t>> file_sender::mapped_chunk(stream& out, int file, file_slice slice,
                                                      transfer_progress& progress) {
    slice.length = std::min(slice.length, mapped_bytes_max);
    if (driver::current().is_simulated()) {  // It would read the mapping itself.
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    const mapping memory{file, slice};
    if (!memory.exists()) {
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    if (ends_before(file, slice.offset + slice.length)) {
        co_return fail(errc::truncated);
    }
    progress.in_hand = slice.length;
    std::size_t taken = 0;
    const auto sent = co_await out.send(memory.bytes(), &taken);
    progress.in_hand = 0;
    const bool is_cut = ends_before(file, slice.offset + slice.length);
    if (sent && taken == slice.length && !is_cut) {
        co_return taken;
    }
    progress.bytes += taken;
    if (is_cut || (!sent && sent.error().sys == EFAULT)) {
        co_return fail(errc::truncated);
    }
    co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
}

task<result<std::uint64_t>> file_sender::fixed_chunk(stream& out, int file, file_slice slice,
                                                     transfer_progress& progress) {
    const auto lease = driver::current().zero_copy()->take();
    if (!lease) {  // All are with slow peers: nobody waits for them.
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    zero_copy_buffer& buffer = lease.buffer();
    const byte_span memory =
        buffer.memory.first(std::min<std::uint64_t>(slice.length, buffer.memory.size()));
    const auto got = co_await read_all(file, memory, slice.offset, buffer.slot);
    if (!got || *got == 0) {
        co_return got ? result<std::uint64_t>{0} : std::unexpected{got.error()};
    }
    progress.in_hand = *got;
    std::size_t taken = 0;
    const auto sent = co_await out.send(memory.first(*got), &taken);
    progress.in_hand = 0;
    if (!sent || taken < *got) {
        progress.bytes += taken;
        co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
    }
    co_return taken;
}

}  // namespace ringway
