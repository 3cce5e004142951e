// Bodies into DATA frames: straight into the transport's memory where that is possible.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/uio.h>

#include <ringway/base/assert.hpp>
#include <ringway/ring/await.hpp>

#include "http/h2_connection.hpp"

namespace ringway::http::detail {
namespace {

constexpr std::size_t frame_head_bytes = 9;
// Frames shorter than this are not begun only because the output has no room for more.
constexpr std::size_t worthwhile_bytes = 1024;
constexpr std::size_t frame_bytes_max = 16384;
// So many streams may have a large chunk of a cold file in memory; more of them get a page each.
constexpr std::size_t large_chunks_max = 32;
constexpr std::size_t page_bytes = 4096;

// Reads what is in the page cache; -1 with EAGAIN where that is nothing (RWF_NOWAIT: Linux 4.14).
ssize_t read_now(int file, std::byte* memory, std::size_t length, std::uint64_t offset) noexcept {
    const iovec part{memory, length};
    return ::preadv2(file, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
}

}  // namespace

// Chooses the next DATA frame of a stream: returns its length, and leaves its bytes where
// `send_data`, which nghttp2 calls next, finds them.
ssize_t h2_connection::read_data(h2_stream& of, std::size_t length, std::uint32_t& flags) {
    stream_body& body = of.body;
    RW_ASSERT(body.left() > 0);
    const std::size_t free = out_.free_bytes();
    const std::size_t wanted = std::min<std::uint64_t>(length, body.left());
    if (free < frame_head_bytes + std::min(wanted, worthwhile_bytes)) {
        return NGHTTP2_ERR_PAUSE;
    }
    length = std::min({wanted, free - frame_head_bytes, frame_bytes_max});
    prefilled_ = {};
    const std::string_view memory = body.memory();
    if (!memory.empty()) {
        staged_ = memory.substr(0, length);
        length = staged_.size();
    } else {
        const ssize_t read = read_file(of, length);
        if (read < 0) {
            return read;
        }
        length = static_cast<std::size_t>(read);
    }
    flags = NGHTTP2_DATA_FLAG_NO_COPY;
    if (length == body.left()) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(length);
}

// The next part of a file, if it is in the page cache; else it is read aside.
ssize_t h2_connection::read_file(h2_stream& of, std::size_t length) {
    static thread_local std::array<std::byte, frame_bytes_max> scratch;
    stream_body& body = of.body;
    const file_slice next = body.slice();
    length = std::min<std::uint64_t>(length, next.length);
    const byte_span room = out_.room(frame_head_bytes + length);
    // Where a record ends soon the frame is put together elsewhere and copied.
    const bool in_place = room.size() >= frame_head_bytes + std::min(length, worthwhile_bytes);
    if (in_place) {
        length = room.size() - frame_head_bytes;
    }
    std::byte* const memory = in_place ? room.data() + frame_head_bytes : scratch.data();
    const ssize_t got = read_now(body.file(), memory, length, next.offset);
    if (got > 0) {
        prefilled_ = in_place ? room : byte_span{};
        staged_ = as_text({memory, static_cast<std::size_t>(got)});
        return got;
    }
    if (got == 0) {  // The file has shrunk: its length was promised.
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    ++of.working;
    work_.spawn(load_chunk(of));
    return NGHTTP2_ERR_DEFERRED;
}

int h2_connection::send_data(h2_stream& of, const std::uint8_t* head, std::size_t length) {
    RW_ASSERT(staged_.size() == length);
    if (prefilled_.empty()) {
        out_.put({reinterpret_cast<const std::byte*>(head), frame_head_bytes});
        out_.put(as_bytes(staged_));
    } else {
        std::memcpy(prefilled_.data(), head, frame_head_bytes);
        out_.commit(frame_head_bytes + length);
        prefilled_ = {};
    }
    of.body.take(length);
    if (of.has_chunk && of.body.chunk_used_up()) {
        drop_chunk(of);
    }
    of.facts.body_bytes += length;
    body_sent_ += length;
    guard_.sent(length);
    return 0;
}

void h2_connection::drop_chunk(h2_stream& of) noexcept {
    of.body.release_chunk();
    of.has_chunk = false;
    RW_ASSERT(chunks_held_ > 0);
    --chunks_held_;
}

// How much of a cold file is read at once: what the peer takes now, because it may take no more for
// long, and little where many chunks wait for others to be sent.
std::size_t h2_connection::chunk_size(const h2_stream& of, std::uint64_t left) const noexcept {
    const std::int32_t window =
        std::min(nghttp2_session_get_stream_remote_window_size(engine_, of.id),
                 nghttp2_session_get_remote_window_size(engine_));
    const std::size_t most =
        chunks_held_ < large_chunks_max ? stream_body::chunk_bytes : page_bytes;
    const auto open = static_cast<std::size_t>(std::max(window, 1));
    return std::min<std::uint64_t>(left, std::min(most, open));
}

// Reads the next part of a file that is not in the page cache. The stream waits meanwhile, the
// others go on. The permit is for reading only: a peer that shuts the windows of some streams must
// not keep the others from being read.
task<void> h2_connection::load_chunk(h2_stream& of) {
    const auto read = [](h2_connection& self, h2_stream& to) -> task<result<int>> {
        auto permit = co_await self.chunks_.acquire_permit();
        if (!permit) {
            co_return std::unexpected{permit.error()};
        }
        const file_slice next = to.body.slice();
        const std::size_t size = self.chunk_size(to, next.length);
        operation op;
        op.kind = op_kind::read;
        op.fd = to.body.file();
        op.address = to.body.chunk(size);
        op.length = static_cast<std::uint32_t>(size);
        op.offset = next.offset;
        to.has_chunk = true;
        ++self.chunks_held_;
        co_return to_result(co_await await_operation{op});
    };
    const auto got = co_await read(*this, of).under(of.stop);
    --of.working;
    if (of.closed) {
        release(of);
        co_return;
    }
    if (dead_) {
        co_return;
    }
    if (of.has_chunk && (!got || *got <= 0)) {
        drop_chunk(of);
    }
    if (got && *got > 0) {
        of.body.chunk_read(static_cast<std::size_t>(*got));
        static_cast<void>(nghttp2_session_resume_data(engine_, of.id));
    } else if (got || got.error().sys != EINTR) {
        reset(of, NGHTTP2_INTERNAL_ERROR);
    } else {
        static_cast<void>(nghttp2_session_resume_data(engine_, of.id));
    }
    wake_.set();
}

}  // namespace ringway::http::detail
