#include <ringway/transfer/transfer.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace ringway {

// Memory for one read, taken from the sender's free list and given back to it.
class file_sender::scratch {
public:
    explicit scratch(file_sender& owner) : owner_{owner} {
        if (owner.free_.empty()) {
            memory_ = std::make_unique_for_overwrite<std::byte[]>(small_bytes_max);
        } else {
            memory_ = std::move(owner.free_.back());
            owner.free_.pop_back();
        }
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() {
        if (owner_.free_.size() < free_max) {
            owner_.free_.push_back(std::move(memory_));
        }
    }

    [[nodiscard]] std::byte* data() const noexcept { return memory_.get(); }

private:
    static constexpr std::size_t free_max = 32;  // A burst of slow readers is not kept for ever.

    file_sender& owner_;
    std::unique_ptr<std::byte[]> memory_;
};

namespace {

iovec part_of(std::string_view text) noexcept {
    return {const_cast<char*>(text.data()), text.size()};  // sendmsg(2) only reads it.
}

operation read_operation(int file, std::byte* memory, std::uint32_t length,
                         std::uint64_t offset) noexcept {
    operation op;
    op.kind = op_kind::read;
    op.fd = file;
    op.address = memory;
    op.length = length;
    op.offset = offset;
    return op;
}

// Fills `memory` with `length` bytes; fewer only at the end of the file.
task<result<std::uint32_t>> read_all(int file, std::byte* memory, std::uint32_t length,
                                     std::uint64_t offset) {
    std::uint32_t got = 0;
    while (got < length) {
        const completion done = co_await await_operation{
            read_operation(file, memory + got, length - got, offset + got)};
        if (done.result == -EINTR) {
            continue;
        }
        if (done.result < 0) {
            co_return fail_errno(-done.result);
        }
        if (done.result == 0) {
            break;
        }
        got += static_cast<std::uint32_t>(done.result);
    }
    co_return got;
}

}  // namespace

task<result<void>> file_sender::send(stream& out, std::string_view head, std::string_view body,
                                     transfer_progress& progress) {
    const std::size_t wanted = head.size() + body.size();
    std::array<iovec, 2> parts{part_of(head), part_of(body)};
    const std::span<iovec> used{parts.data(), body.empty() ? std::size_t{1} : std::size_t{2}};
    progress.in_hand = wanted;
    const auto sent = co_await out.send_parts(used);
    progress.in_hand = 0;
    if (!sent) {
        co_return std::unexpected{sent.error()};
    }
    progress.bytes += *sent;
    if (*sent < wanted) {
        co_return fail(errc::closed);
    }
    co_return result<void>{};
}

task<result<void>> file_sender::send(stream& out, std::string_view head, file_ref file,
                                     file_slice slice, transfer_progress& progress) {
    RW_ASSERT(slice.length > 0 && file);
    if (slice.length <= small_bytes_max && method_ != transfer_method::sendfile) {
        co_return co_await send_small(out, head, file->fd(), slice, progress);
    }
    if (!head.empty()) {
        // More follows at once: let the kernel put the head and the first bytes into one segment.
        const auto sent = co_await out.send_more(as_bytes(head));
        if (!sent || *sent < head.size()) {
            co_return fail(sent ? errc::closed : sent.error().code);
        }
        progress.bytes += *sent;
    }
    std::uint64_t done = 0;
    while (done < slice.length) {
        const file_slice rest{slice.offset + done,
                              std::min<std::uint64_t>(slice.length - done, chunk_bytes)};
        const auto moved = co_await send_chunk(out, file->fd(), rest, progress);
        if (!moved) {
            co_return std::unexpected{moved.error()};
        }
        if (*moved == 0) {  // The file shrank after the head promised its length.
            co_return fail(errc::truncated);
        }
        done += *moved;
        progress.bytes += *moved;
        RW_ASSERT(done <= slice.length);
    }
    co_return result<void>{};
}

task<result<void>> file_sender::send_small(stream& out, std::string_view head, int file,
                                           file_slice slice, transfer_progress& progress) {
    scratch memory{*this};
    const auto length = static_cast<std::uint32_t>(slice.length);
    const auto got = co_await read_all(file, memory.data(), length, slice.offset);
    if (!got) {
        co_return std::unexpected{got.error()};
    }
    if (*got < length) {
        co_return fail(errc::truncated);
    }
    co_return co_await send(out, head, as_text({memory.data(), length}), progress);
}

task<result<std::uint64_t>> file_sender::send_chunk(stream& out, int file, file_slice slice,
                                                    transfer_progress& progress) {
    if (method_ == transfer_method::splice) {
        progress.used_splice = true;
        co_return co_await splice_chunk(out, file, slice);
    }
    if (method_ == transfer_method::copy) {
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    if (method_ == transfer_method::automatic && !is_resident(file, slice)) {
        progress.read_cold = true;  // sendfile(2) would hold the whole shard up for the disk.
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    progress.used_sendfile = true;
    const auto sent =
        co_await out.send_file(file, slice.offset, static_cast<std::uint32_t>(slice.length));
    if (!sent) {
        co_return std::unexpected{sent.error()};
    }
    co_return *sent;
}

task<result<std::uint64_t>> file_sender::copy_chunk(stream& out, int file, file_slice slice,
                                                    transfer_progress& progress) {
    scratch memory{*this};
    const auto length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(slice.length, small_bytes_max));
    const auto got = co_await read_all(file, memory.data(), length, slice.offset);
    if (!got) {
        co_return std::unexpected{got.error()};
    }
    if (*got == 0) {
        co_return std::uint64_t{0};
    }
    progress.in_hand = *got;
    const auto sent = co_await out.send({memory.data(), *got});
    progress.in_hand = 0;
    if (!sent) {
        co_return std::unexpected{sent.error()};
    }
    co_return *sent == *got ? result<std::uint64_t>{*sent} : fail(errc::closed);
}

namespace {

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

}  // namespace

task<result<std::uint64_t>> file_sender::splice_chunk(stream& out, int file, file_slice slice) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        co_return fail_errno(errno);
    }
    const unique_fd source{ends[0]};
    const unique_fd sink{ends[1]};
    const auto length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(slice.length, small_bytes_max));
    const auto filled = to_result(
        co_await await_operation{splice_operation(file, slice.offset, sink.get(), length)});
    if (!filled || *filled == 0) {
        co_return filled ? result<std::uint64_t>{0} : std::unexpected{filled.error()};
    }
    int emptied = 0;
    while (emptied < *filled) {
        const auto moved = to_result(co_await await_operation{
            splice_operation(source.get(), operation::no_offset, out.fd(),
                             static_cast<std::uint32_t>(*filled - emptied))});
        if (!moved) {
            co_return std::unexpected{moved.error()};
        }
        if (*moved == 0) {
            co_return fail(errc::closed);
        }
        emptied += *moved;
    }
    co_return static_cast<std::uint64_t>(emptied);
}

}  // namespace ringway
