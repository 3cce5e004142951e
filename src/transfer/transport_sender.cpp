// Sending over a transport: what is sent is collected there, and sealed if it is TLS.
#include <algorithm>
#include <cerrno>
#include <sys/uio.h>

#include <ringway/ring/await.hpp>
#include <ringway/transfer/transfer.hpp>

namespace ringway {
namespace {

task<result<void>> flush(transport& out, transfer_progress& progress) {
    const std::size_t pending = out.pending();
    progress.in_hand = pending;
    const auto sent = co_await out.flush();
    progress.in_hand = 0;
    if (sent) {
        progress.bytes += pending;
    }
    co_return sent;
}

// Adds `text` to the output, flushing where it does not fit.
task<result<void>> put_all(transport& out, std::string_view text, transfer_progress& progress) {
    while (!text.empty()) {
        if (out.free_bytes() == 0) {
            const auto sent = co_await flush(out, progress);
            if (!sent) {
                co_return sent;
            }
        }
        const std::size_t size = std::min(text.size(), out.free_bytes());
        out.put(as_bytes(text.substr(0, size)));
        text.remove_prefix(size);
    }
    co_return result<void>{};
}

// What the page cache has of it, without waiting; -1 if that can't be known so.
ssize_t read_now(int file, byte_span memory, std::uint64_t offset) noexcept {
    const iovec part{memory.data(), memory.size()};
    return ::preadv2(file, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
}

}  // namespace

task<result<std::size_t>> read_some(int file, byte_span memory, std::uint64_t offset,
                                    transfer_progress& progress) {
    const ssize_t at_once = read_now(file, memory, offset);
    if (at_once >= 0) {
        co_return static_cast<std::size_t>(at_once);
    }
    progress.read_cold = true;
    operation op;
    op.kind = op_kind::read;
    op.fd = file;
    op.address = memory.data();
    op.length = static_cast<std::uint32_t>(memory.size());
    op.offset = offset;
    for (;;) {
        const completion done = co_await await_operation{op};
        if (done.result >= 0) {
            co_return static_cast<std::size_t>(done.result);
        }
        if (done.result != -EINTR) {
            co_return fail_errno(-done.result);
        }
    }
}

task<result<void>> file_sender::send(transport& out, std::string_view head, std::string_view body,
                                     transfer_progress& progress) {
    for (const std::string_view part : {head, body}) {
        const auto put = co_await put_all(out, part, progress);
        if (!put) {
            co_return put;
        }
    }
    co_return co_await flush(out, progress);
}

task<result<void>> file_sender::send(transport& out, std::string_view head, file_ref file,
                                     file_slice slice, transfer_progress& progress) {
    RW_ASSERT(file);
    if (slice.length == 0) {
        co_return co_await send(out, head, {}, progress);
    }
    const auto put = co_await put_all(out, head, progress);
    if (!put) {
        co_return put;
    }
    std::uint64_t done = 0;
    while (done < slice.length) {
        if (out.free_bytes() == 0) {
            const auto sent = co_await flush(out, progress);
            if (!sent) {
                co_return sent;
            }
        }
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(slice.length - done, chunk_bytes));
        const byte_span room = out.room(wanted);
        const auto got = co_await read_some(file->fd(), room, slice.offset + done, progress);
        if (!got) {
            co_return std::unexpected{got.error()};
        }
        if (*got == 0) {  // The file shrank after the head promised its length.
            co_return fail(errc::truncated);
        }
        out.commit(*got);
        done += *got;
    }
    co_return co_await flush(out, progress);
}

}  // namespace ringway
