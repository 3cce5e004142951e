// Bodies for nghttp3: memory as it lies, files through blocks that live until acknowledged.
#include <algorithm>
#include <cerrno>
#include <utility>

#include <ringway/base/assert.hpp>

#include "http/h3_connection.hpp"

namespace ringway::http::detail {
namespace {

// One DATA frame carries so much, and a stream that must not have more at least gets a page.
constexpr std::size_t frame_bytes_max = file_blocks::block_bytes;
constexpr std::size_t page_bytes = 4096;
// Where so much is not acknowledged beyond what the path takes, blocks are small: a peer that shuts
// the windows of many streams would keep many of them.
constexpr std::size_t held_bytes_max = std::size_t{2} * 1024 * 1024;

nghttp3_vec as_vec(byte_view bytes) noexcept {
    return {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data())),
            bytes.size()};
}

}  // namespace

// How many bytes of the body nghttp3 may have now: what flow control lets it send, within what the
// connection should have ready beyond what is in flight.
std::size_t h3_connection::allowance(const h3_stream& of) const noexcept {
    const std::uint64_t credit = below_.stream_credit(of.id);
    const std::uint64_t open = credit > of.unsent ? credit - of.unsent : 0;
    const std::size_t target = below_.send_buffer_target();
    const std::size_t room = target > unsent_ ? target - unsent_ : 0;
    const std::uint64_t most = std::min<std::uint64_t>({open, room, frame_bytes_max});
    return static_cast<std::size_t>(std::max<std::uint64_t>(most, page_bytes));
}

// Yields the pieces of the next DATA frame.
nghttp3_ssize h3_connection::read_data(h3_stream& of, nghttp3_vec* out, std::size_t count,
                                       std::uint32_t& flags) {
    RW_ASSERT(of.body.left() > 0 && count > 0);
    std::size_t most = allowance(of);
    std::size_t used = 0;
    std::size_t given = 0;
    while (used < count && most > 0 && of.body.left() > 0) {
        if (!take_memory(of, most, out[used])) {
            const nghttp3_ssize taken = take_file(of, most, out[used]);
            if (taken < 0) {
                if (used > 0) {
                    break;  // The next call says it again.
                }
                return taken;
            }
        }
        given += out[used].len;
        most -= out[used].len;
        ++used;
    }
    of.given += given;
    of.unsent += given;
    of.facts.body_bytes += given;
    unsent_ += given;
    outstanding_ += given;
    if (of.body.left() == 0) {
        flags |= NGHTTP3_DATA_FLAG_EOF;
    }
    return static_cast<nghttp3_ssize>(used);
}

// The next bytes if they lie in memory.
bool h3_connection::take_memory(h3_stream& of, std::size_t most, nghttp3_vec& out) {
    stream_body& body = of.body;
    std::string_view memory = body.memory();
    if (memory.empty()) {
        return false;
    }
    memory = memory.substr(0, most);
    if (body.is_passing()) {
        auto copy = std::make_unique_for_overwrite<char[]>(memory.size());
        std::ranges::copy(memory, copy.get());
        out = as_vec(as_bytes({copy.get(), memory.size()}));
        of.pieces.push_back({.left = memory.size(), .block = {}, .text = std::move(copy)});
    } else {
        out = as_vec(as_bytes(memory));
        if (!body.is_lasting()) {
            of.pieces.push_back({.left = memory.size(), .block = {}, .text = nullptr});
        }
    }
    body.take(memory.size());
    return true;
}

// The block for the next bytes of a file.
block_ref h3_connection::block_for(h3_stream& of, std::size_t most) {
    const file_slice next = of.body.slice();
    if (of.current && of.current->offset() <= next.offset &&
        next.offset < of.current->offset() + of.current->capacity()) {
        return of.current;
    }
    const shared_file& file = *of.body.whole_file();
    if (outstanding_ > held_bytes_max + below_.send_buffer_target() && most <= page_bytes) {
        return context_.blocks->make_own(next.offset, page_bytes);
    }
    if (context_.blocks->keeps(next.offset + next.length)) {
        return context_.blocks->find(file, next.offset);
    }
    return context_.blocks->make_own(next.offset - next.offset % file_blocks::block_bytes,
                                     file_blocks::block_bytes);
}

// The next bytes of a file, if they are in memory already or in the page cache; else they are read
// aside. Returns 0, or what nghttp3 is to be told.
nghttp3_ssize h3_connection::take_file(h3_stream& of, std::size_t most, nghttp3_vec& out) {
    if (of.working > 0) {  // What is being read goes into `current`, which must stay.
        return NGHTTP3_ERR_WOULDBLOCK;
    }
    stream_body& body = of.body;
    of.current = block_for(of, most);
    file_block& block = *of.current;
    const file_slice next = body.slice();
    const auto at = static_cast<std::size_t>(next.offset - block.offset());
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>({next.length, most, block.capacity() - at}));
    switch (file_blocks::fill_now(block, body.file(), at, at + size)) {
        case file_blocks::filled::ready: break;
        case file_blocks::filled::not_cached:
            ++of.working;
            work_.spawn(load(of));
            return NGHTTP3_ERR_WOULDBLOCK;
        case file_blocks::filled::ended:  // The file has shrunk: its length was promised.
        case file_blocks::filled::failed:
            give_up(of, NGHTTP3_H3_INTERNAL_ERROR);
            return NGHTTP3_ERR_WOULDBLOCK;
    }
    const byte_view bytes = block.bytes().subspan(at, std::min(size, block.bytes().size() - at));
    out = as_vec(bytes);
    if (!of.pieces.empty() && of.pieces.back().block.get() == &block) {
        of.pieces.back().left += bytes.size();
    } else {
        of.pieces.push_back({.left = bytes.size(), .block = of.current, .text = nullptr});
    }
    body.take(bytes.size());
    if (at + bytes.size() == block.capacity() || body.left() == 0) {
        of.current.reset();
    }
    return 0;
}

// Reads on in a file that is not in the page cache. The stream waits meanwhile, the others go on.
task<void> h3_connection::load(h3_stream& of) {
    const auto have = static_cast<std::size_t>(of.body.slice().offset - of.current->offset());
    const auto got =
        co_await context_.blocks->fill(of.current, of.body.file(), have).under(of.stop);
    --of.working;
    if (of.closed) {
        release(of);
        co_return;
    }
    if (!usable() || of.in_reset) {
        co_return;
    }
    if ((got && *got) || (!got && got.error().sys == EINTR)) {
        static_cast<void>(check(nghttp3_conn_resume_stream(engine(), of.id)));
    } else {
        give_up(of, NGHTTP3_H3_INTERNAL_ERROR);
    }
    wake();
}

void h3_connection::on_body_acknowledged(h3_stream& of, std::uint64_t bytes) noexcept {
    RW_ASSERT(bytes <= of.given - of.acknowledged);
    of.acknowledged += bytes;
    acknowledged_ += bytes;
    outstanding_ -= bytes;
    while (bytes > 0 && !of.pieces.empty()) {
        h3_piece& oldest = of.pieces.front();
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, oldest.left));
        oldest.left -= part;
        bytes -= part;
        if (oldest.left == 0) {
            of.pieces.pop_front();
        }
    }
}

}  // namespace ringway::http::detail
