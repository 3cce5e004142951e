#include <ringway/fs/direct_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <expected>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/fs/aligned_buffer.hpp>

#include "fs/open_task.hpp"

namespace ringway {
namespace {

// What is not aligned is copied through buffers of this size at most.
constexpr std::size_t copy_bytes_max = 256 * 1024;

// One operation moves no more: what read(2) moves at most, rounded down to a megabyte.
constexpr std::size_t bytes_per_operation_max = 0x7ff0'0000;

}  // namespace

operation direct_file::aligned_operation(op_kind kind, std::byte* memory, std::size_t bytes,
                                         std::uint64_t offset) const noexcept {
    RW_ASSERT(is_aligned(memory, alignment_.memory) && bytes % alignment_.offset == 0 &&
              offset % alignment_.offset == 0);
    operation op;
    op.kind = kind;
    op.fd = fd();
    op.address = memory;
    op.length = static_cast<std::uint32_t>(std::min(bytes, bytes_per_operation_max));
    op.offset = offset;
    op.polled = polled_;
    return op;
}

task<result<std::size_t>> direct_file::read(byte_span into, std::uint64_t offset) const {
    std::size_t done = 0;
    if (is_aligned(into.data(), alignment_.memory) && offset % alignment_.offset == 0) {
        const std::size_t whole = align_down(into.size(), alignment_.offset);
        done = co_await or_return(co_await read_in_place(into.first(whole), offset));
        if (done < whole || done == into.size()) {
            co_return done;
        }
    }
    const std::size_t rest =
        co_await or_return(co_await read_copying(into.subspan(done), offset + done));
    co_return done + rest;
}

// A count that is no multiple of the alignment is where the file ends; going on from there would
// not be aligned.
task<result<std::size_t>> direct_file::read_in_place(byte_span into, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto count = co_await read_aligned(into.subspan(done), offset + done);
        if (!count && count.error().sys == EINTR) {
            continue;
        }
        if (!count) {
            co_return count;
        }
        done += *count;
        if (*count == 0 || *count % alignment_.offset != 0) {
            break;
        }
    }
    co_return done;
}

task<result<std::size_t>> direct_file::read_copying(byte_span into, std::uint64_t offset) const {
    const auto lead = static_cast<std::size_t>(offset % alignment_.offset);
    const std::size_t wanted = std::min(into.size(), copy_bytes_max) + lead;
    const aligned_buffer buffer = co_await or_return(aligned_buffer::make(
        align_up(wanted, alignment_.offset), std::max<std::size_t>(alignment_.memory, 64)));
    std::size_t done = 0;
    while (done < into.size()) {
        const std::uint64_t begin = align_down(offset + done, alignment_.offset);
        const auto skip = static_cast<std::size_t>(offset + done - begin);
        const std::size_t length = std::min(align_up(into.size() - done + skip, alignment_.offset),
                                            align_down(buffer.size(), alignment_.offset));
        const std::size_t got =
            co_await or_return(co_await read_in_place(buffer.bytes().first(length), begin));
        const std::size_t use = std::min(got - std::min(got, skip), into.size() - done);
        if (use > 0) {
            std::memcpy(into.data() + done, buffer.data() + skip, use);
        }
        done += use;
        if (got < length) {
            break;
        }
    }
    co_return done;
}

task<result<void>> direct_file::write(byte_view bytes, std::uint64_t offset) const {
    if (bytes.size() % alignment_.offset != 0 || offset % alignment_.offset != 0) {
        co_return fail(errc::invalid_argument);
    }
    if (is_aligned(bytes.data(), alignment_.memory)) {
        co_return co_await write_in_place(bytes, offset);
    }
    const aligned_buffer buffer = co_await or_return(
        aligned_buffer::make(align_up(std::min(bytes.size(), copy_bytes_max), alignment_.offset),
                             std::max<std::size_t>(alignment_.memory, 64)));
    while (!bytes.empty()) {
        const byte_view part = bytes.first(std::min(bytes.size(), buffer.size()));
        std::memcpy(buffer.data(), part.data(), part.size());
        co_await or_return(co_await write_in_place(buffer.bytes().first(part.size()), offset));
        bytes = bytes.subspan(part.size());
        offset += part.size();
    }
    co_return result<void>{};
}

task<result<void>> direct_file::write_in_place(byte_view bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        const auto count = co_await file::count_awaiter{aligned_operation(
            op_kind::write, const_cast<std::byte*>(bytes.data()), bytes.size(), offset)};
        if (!count && count.error().sys == EINTR) {
            continue;
        }
        if (!count) {
            co_return std::unexpected{count.error()};
        }
        if (*count == 0 || *count % alignment_.offset != 0) {  // Nothing can be done about it.
            co_return fail_errno(EIO);
        }
        bytes = bytes.subspan(*count);
        offset += *count;
    }
    co_return result<void>{};
}

task<result<void>> direct_file::write_end(byte_view bytes, std::uint64_t offset) const {
    const std::size_t whole = align_down(bytes.size(), alignment_.offset);
    co_await or_return(co_await write(bytes.first(whole), offset));
    if (whole < bytes.size()) {
        const aligned_buffer last = co_await or_return(
            aligned_buffer::make(alignment_.offset, std::max<std::size_t>(alignment_.memory, 64)));
        std::memset(last.data(), 0, last.size());
        std::memcpy(last.data(), bytes.data() + whole, bytes.size() - whole);
        co_await or_return(
            co_await write_in_place(last.bytes().first(alignment_.offset), offset + whole));
    }
    co_return co_await file_.set_size(offset + bytes.size());
}

task<result<void>> direct_file::try_polling() {
    co_await or_return(driver::current().enable_polling());
    const aligned_buffer block = co_await or_return(
        aligned_buffer::make(alignment_.offset, std::max<std::size_t>(alignment_.memory, 64)));
    polled_ = true;
    const auto read = co_await read_aligned(block.bytes().first(alignment_.offset), 0);
    polled_ = read.has_value();
    if (!read) {
        co_return std::unexpected{read.error()};
    }
    co_return result<void>{};
}

task<result<direct_file>> open_direct(const root& where, std::string path, open_mode mode,
                                      symlink_policy policy) {
    auto opened = co_await open_task(where, std::move(path), policy, flags_of(mode) | O_DIRECT);
    if (!opened && opened.error().sys == EINVAL) {
        co_return std::unexpected{error{errc::unsupported, EINVAL}};
    }
    auto fd = co_await or_return(std::move(opened));
    if (!fd.status.is_regular && !S_ISBLK(fd.status.mode)) {
        co_return fail(errc::not_regular);
    }
    const auto alignment = co_await or_return(alignment_of(fd.fd.get()));
    co_return direct_file{std::move(fd.fd), alignment};
}

}  // namespace ringway
