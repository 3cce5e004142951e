#include <ringway/transfer/transfer.hpp>

#include <algorithm>
#include <array>

#include "transfer/read_all.hpp"
#include "transfer/zero_copy_message.hpp"

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

}  // namespace

task<result<void>> file_sender::send(stream& out, std::string_view head, std::string_view body,
                                     transfer_progress& progress) {
    const std::size_t wanted = head.size() + body.size();
    std::array<iovec, 2> parts{part_of(head), part_of(body)};
    const std::span<iovec> used{parts.data(), body.empty() ? std::size_t{1} : std::size_t{2}};
    progress.in_hand = wanted;
    std::size_t taken = 0;
    const auto sent = co_await out.send_parts(used, &taken);
    progress.in_hand = 0;
    progress.bytes += taken;
    if (!sent) {
        co_return std::unexpected{sent.error()};
    }
    if (*sent < wanted) {
        co_return fail(errc::closed);
    }
    co_return result<void>{};
}

task<result<void>> file_sender::send(stream& out, std::string_view head, file_ref file,
                                     file_slice slice, transfer_progress& progress) {
    RW_ASSERT(file);
    if (slice.length == 0) {
        co_return head.empty() ? result<void>{} : co_await send(out, head, {}, progress);
    }
    if (slice.length <= small_bytes_max && reads_small()) {
        co_return co_await send_small(out, head, file->fd(), slice, progress);
    }
    std::uint64_t done = 0;
    while (done < slice.length) {
        const file_slice rest{slice.offset + done,
                              std::min<std::uint64_t>(slice.length - done, chunk_bytes)};
        const auto moved =
            co_await send_chunk(out, done == 0 ? head : std::string_view{}, *file, rest, progress);
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
    const auto got = co_await read_all(file, {memory.data(), length}, slice.offset);
    if (!got) {
        co_return std::unexpected{got.error()};
    }
    if (*got < length) {
        co_return fail(errc::truncated);
    }
    co_return co_await send(out, head, as_text({memory.data(), length}), progress);
}

task<result<void>> file_sender::send_head(stream& out, std::string_view head, head_segment segment,
                                          transfer_progress& progress) {
    if (head.empty()) {
        co_return result<void>{};
    }
    // More follows at once. `with_body` lets the kernel put both into one segment.
    std::size_t taken = 0;
    const auto sent = segment == head_segment::apart
                          ? co_await out.send(as_bytes(head), &taken)
                          : co_await out.send_more(as_bytes(head), &taken);
    progress.bytes += taken;
    if (!sent || *sent < head.size()) {
        co_return fail(sent ? errc::closed : sent.error().code);
    }
    co_return result<void>{};
}

task<result<std::uint64_t>> file_sender::send_chunk(stream& out, std::string_view head,
                                                    const shared_file& from, file_slice slice,
                                                    transfer_progress& progress) {
    const int file = from.fd();
    const transfer_method way =
        plan_chunk(method_, look_at_chunk(method_, out, from, slice, residency_));
    // sendfile(2) of what is not in the page cache would hold the whole shard up for the disk.
    progress.read_cold |= method_ == transfer_method::automatic && way != transfer_method::sendfile;
    if (way == transfer_method::zero_copy) {
        co_return co_await zero_copy_chunk(out, head, file, slice, 1, progress);
    }
    if (way == transfer_method::gathered) {
        co_return co_await zero_copy_chunk(out, head, file, slice, zero_copy_message::buffers_max,
                                           progress);
    }
    // Of a large file the kernel makes less work of segments that hold nothing but whole pages
    // (docs/decisions/0006-transfer.md).
    const bool apart = way == transfer_method::sendfile && slice.length >= head_apart_min;
    const auto head_sent = co_await send_head(
        out, head, apart ? head_segment::apart : head_segment::with_body, progress);
    if (!head_sent) {
        co_return std::unexpected{head_sent.error()};
    }
    switch (way) {
        case transfer_method::splice:
            progress.used_splice = true;
            co_return co_await splice_chunk(out, file, slice, progress);
        case transfer_method::mapped: co_return co_await mapped_chunk(out, file, slice, progress);
        case transfer_method::fixed: co_return co_await fixed_chunk(out, file, slice, progress);
        case transfer_method::sendfile: break;
        default: co_return co_await copy_chunk(out, file, slice, progress);
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
    const auto got = co_await read_all(file, {memory.data(), length}, slice.offset);
    if (!got) {
        co_return std::unexpected{got.error()};
    }
    if (*got == 0) {
        co_return std::uint64_t{0};
    }
    progress.in_hand = *got;
    std::size_t taken = 0;
    const auto sent = co_await out.send({memory.data(), *got}, &taken);
    progress.in_hand = 0;
    if (!sent || taken < *got) {
        progress.bytes += taken;
        co_return sent ? fail(errc::closed) : std::unexpected{sent.error()};
    }
    co_return taken;
}

}  // namespace ringway
