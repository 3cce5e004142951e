#include <ringway/fs/file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fcntl.h>  // IWYU pragma: keep: FALLOC_FL_KEEP_SIZE
#include <limits>
#include <string>
#include <utility>

#include <ringway/coro/stop.hpp>
#include <ringway/ring/operation.hpp>

#include "fs/open_task.hpp"

namespace ringway {
namespace {

// One operation moves no more: what read(2) moves at most, rounded down to a page.
constexpr std::size_t bytes_per_operation_max = 0x7ffff000;

// The first buffer for files that do not say their size.
constexpr std::size_t unknown_size_bytes = 16'384;

result<void> nothing_of(completion done) noexcept {
    return done.result < 0 ? result<void>{fail_errno(-done.result)} : result<void>{};
}

// The last of all would mean the file's own position; the kernel refuses the one before as it does
// all that are no off_t.
std::uint64_t true_offset(std::uint64_t offset) noexcept {
    return offset == operation::no_offset ? offset - 1 : offset;
}

byte_span bytes_of(std::string& text, std::size_t from) noexcept {
    return byte_span{reinterpret_cast<std::byte*>(text.data()), text.size()}.subspan(from);
}

}  // namespace

operation file::read_operation(byte_span into, std::uint64_t offset) const noexcept {
    operation op;
    op.kind = op_kind::read;
    op.fd = fd();
    op.address = into.data();
    op.length = static_cast<std::uint32_t>(std::min(into.size(), bytes_per_operation_max));
    op.offset = true_offset(offset);
    return op;
}

result<std::size_t> file::count_awaiter::await_resume() noexcept {
    const completion done = await_operation::await_resume();
    if (done.result < 0) {
        return fail_errno(-done.result);
    }
    return static_cast<std::size_t>(done.result);
}

task<result<std::size_t>> file::read_full(byte_span into, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto count = co_await read(into.subspan(done), offset + done);
        if (!count && count.error().sys == EINTR) {
            continue;
        }
        if (!count) {
            co_return count;
        }
        if (*count == 0) {
            break;
        }
        done += *count;
    }
    co_return done;
}

task<result<std::string>> file::read_all(std::size_t bytes_max) const {
    const std::uint64_t told = co_await or_return(size());
    bytes_max = std::min(bytes_max, std::numeric_limits<std::size_t>::max() / 2);
    if (told > bytes_max) {
        co_return fail(errc::limit);
    }
    std::string content;
    std::size_t filled = 0;
    auto wanted = static_cast<std::size_t>(told);
    if (told == 0) {
        wanted = std::min(unknown_size_bytes, bytes_max + 1);
    }
    for (;;) {
        content.resize_and_overwrite(wanted, [](char*, std::size_t size) { return size; });
        filled += co_await or_return(co_await read_full(bytes_of(content, filled), filled));
        if (filled < wanted || told > 0) {
            break;
        }
        if (filled > bytes_max) {
            co_return fail(errc::limit);
        }
        wanted = std::min(2 * wanted, bytes_max + 1);
    }
    content.resize(filled);
    co_return content;
}

task<result<void>> file::write(byte_view bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        operation op;
        op.kind = op_kind::write;
        op.fd = fd();
        op.address = const_cast<std::byte*>(bytes.data());  // pwrite(2) only reads it.
        op.length = static_cast<std::uint32_t>(std::min(bytes.size(), bytes_per_operation_max));
        op.offset = true_offset(offset);
        const completion done = co_await await_operation{op};
        if (done.result < 0 && done.result != -EINTR) {
            co_return fail_errno(-done.result);
        }
        const auto count = static_cast<std::size_t>(std::max(done.result, 0));
        if (count == 0 && done.result == 0) {  // Without progress there is no end.
            co_return fail_errno(EIO);
        }
        bytes = bytes.subspan(count);
        offset += count;
    }
    co_return result<void>{};
}

task<result<void>> file::sync(bool facts_too) const {
    operation op;
    op.kind = op_kind::fsync;
    op.fd = fd();
    op.flags = facts_too ? 0 : 1;
    co_return nothing_of(co_await await_operation{op});
}

task<result<void>> file::set_size(std::uint64_t bytes) const {
    operation op;
    op.kind = op_kind::ftruncate;
    op.fd = fd();
    op.size = bytes;
    co_return nothing_of(co_await await_operation{op});
}

task<result<void>> file::preallocate(std::uint64_t offset, std::uint64_t bytes) const {
    operation op;
    op.kind = op_kind::fallocate;
    op.fd = fd();
    op.flags = FALLOC_FL_KEEP_SIZE;
    op.offset = true_offset(offset);
    op.size = bytes;
    co_return nothing_of(co_await await_operation{op});
}

result<std::uint64_t> file::size() const noexcept {
    const auto facts = status();
    if (!facts) {
        return std::unexpected{facts.error()};
    }
    return facts->size;
}

task<result<void>> file::close() {
    operation op;
    op.kind = op_kind::close;
    op.fd = fd_.release();
    stop_source never;
    const auto run = [](operation what) -> task<result<int>> {
        co_return to_result(co_await await_operation{what});
    };
    const auto closed = co_await run(op).under(never);
    if (!closed) {
        co_return std::unexpected{closed.error()};
    }
    co_return result<void>{};
}

task<result<file>> open_file(const root& where, std::string path, open_mode mode,
                             symlink_policy policy) {
    auto opened =
        co_await or_return(co_await open_task(where, std::move(path), policy, flags_of(mode)));
    co_return file{std::move(opened.fd)};
}

}  // namespace ringway
