// Sending from pooled memory without copying it: SEND_ZC and SENDMSG_ZC.
#include <algorithm>
#include <atomic>
#include <cerrno>

#include <ringway/base/log.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/transfer/transfer.hpp>

#include "transfer/read_all.hpp"
#include "transfer/zero_copy_message.hpp"

namespace ringway {
namespace {

std::atomic<bool> told_refused{false};

// Once for each process: what was asked for can't be had, and what comes in its place.
void tell_refused() {
    if (!told_refused.exchange(true, std::memory_order_relaxed)) {
        log_line(log_level::info, "zero-copy sends are refused by this kernel: copying instead");
    }
}

// Nothing has been sent: the kernel can't do it so, or not now.
bool is_refusal(int outcome) noexcept {
    return outcome == -EINVAL || outcome == -EOPNOTSUPP || outcome == -ENOMEM ||
           outcome == -ENOBUFS;
}

// Reads `slice` into buffers of `pool`, as many as there are; yields how much it was.
[[gnu::noinline]] task<result<std::uint64_t>> fill(zero_copy_message& message, zero_copy_pool& pool,
                                                   int file, file_slice slice,
                                                   std::size_t buffers_max) {
    std::uint64_t done = 0;
    while (done < slice.length && message.buffers() < buffers_max) {
        zero_copy_buffer* const buffer = message.add_buffer(pool);
        if (buffer == nullptr) {
            break;
        }
        const byte_span memory = buffer->memory.first(
            std::min<std::uint64_t>(slice.length - done, buffer->memory.size()));
        const auto got = co_await read_all(file, memory, slice.offset + done, buffer->slot);
        if (!got) {
            co_return std::unexpected{got.error()};
        }
        message.commit(*got);
        done += *got;
        if (*got < memory.size()) {
            break;  // The file has ended.
        }
    }
    co_return done;
}

// Sends `message` without copying, as far as that goes: a count, or -errno.
[[gnu::noinline]] task<int> try_without_copy(zero_copy_message& message, zero_copy_pool& pool,
                                             int socket) {
    const zero_copy_route route = route_of(socket).value_or(zero_copy_route{});
    operation op = message.to_operation(socket, route, true);
    if (op.kind == op_kind::sendmsg_zc && !pool.gathers_enrolled()) {
        op.buffer_slot = operation::no_slot;
    }
    completion done = co_await await_operation{op};
    if (done.result == -EINVAL && op.kind == op_kind::sendmsg_zc &&
        op.buffer_slot != operation::no_slot) {  // Before Linux 6.15 messages name no buffers.
        pool.gather_unenrolled();
        op.buffer_slot = operation::no_slot;
        done = co_await await_operation{op};
    }
    if (done.result == -EINVAL) {
        pool.refuse();
        tell_refused();
    }
    co_return done.result;
}

}  // namespace

task<result<std::uint64_t>> file_sender::zero_copy_chunk(stream& out, std::string_view head,
                                                         int file, file_slice slice,
                                                         std::size_t parts_max,
                                                         transfer_progress& progress) {
    zero_copy_pool& pool = *driver::current().zero_copy();
    zero_copy_message message;
    const auto body = co_await fill(message, pool, file, slice, parts_max);
    if (!body || (*body == 0 && message.buffers() > 0)) {
        co_return body;
    }
    // One piece goes as it is: behind a head its segments lie across pages, which peers on this
    // machine with windows of 2 KB pay for (docs/decisions/0006-transfer.md).
    if (message.buffers() == 0 || parts_max == 1 || !message.put_head(head)) {
        const auto sent = co_await send_head(out, head, head_segment::with_body, progress);
        if (!sent) {
            co_return std::unexpected{sent.error()};
        }
        head = {};
    }
    if (message.buffers() == 0) {  // All are with slow peers: nobody waits for them.
        co_return co_await copy_chunk(out, file, slice, progress);
    }
    const std::size_t size = message.size();
    progress.in_hand = size;
    const int outcome = co_await try_without_copy(message, pool, out.fd());
    progress.used_zero_copy |= outcome > 0;
    if (outcome < 0 && !is_refusal(outcome)) {
        progress.in_hand = 0;
        co_return fail_errno(-outcome);
    }
    // What is left is copied. A connection that is broken says so then.
    const auto already = static_cast<std::size_t>(std::max(outcome, 0));
    std::size_t sent = already;
    if (already < size) {
        std::size_t taken = 0;
        const auto more = co_await out.send_parts(message.rest(already), &taken);
        if (!more) {
            progress.in_hand = 0;
            progress.bytes += already + taken;
            co_return std::unexpected{more.error()};
        }
        sent += *more;
    }
    progress.in_hand = 0;
    progress.bytes += sent == size ? head.size() : sent;
    co_return sent == size ? body : fail(errc::closed);
}

}  // namespace ringway
