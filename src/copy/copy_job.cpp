#include "copy/copy_job.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway {
namespace {

constexpr std::uint64_t stat_block = 512;  // stat(2), `st_blocks`.

// Whether the file is in the page cache, by a look at some places of it that does not wait.
bool seems_resident(int file, std::uint64_t size) noexcept {
    constexpr std::uint64_t places = 8;
    for (std::uint64_t i = 0; i < places; ++i) {
        char byte = 0;
        const iovec part{&byte, 1};
        const auto at = static_cast<off_t>(size / places * i + size / places / 2);
        if (::preadv2(file, &part, 1, at, RWF_NOWAIT) < 0 && errno == EAGAIN) {
            return false;
        }
    }
    return true;
}

result<copy_facts> look_at_both(int from, int to) noexcept {
    struct stat source{};
    struct stat target{};
    struct statfs where{};
    if (::fstat(from, &source) != 0 || ::fstat(to, &target) != 0) {
        return fail_errno(errno);
    }
    copy_facts facts;
    facts.is_regular = S_ISREG(source.st_mode) && S_ISREG(target.st_mode);
    facts.size = S_ISREG(source.st_mode) ? static_cast<std::uint64_t>(source.st_size) : 0;
    facts.stored_bytes = static_cast<std::uint64_t>(source.st_blocks) * stat_block;
    facts.resident = facts.size < large_file_bytes || seems_resident(from, facts.size);
    facts.same_device = source.st_dev == target.st_dev;
    if (::fstatfs(to, &where) == 0) {
        facts.file_system = static_cast<std::uint32_t>(where.f_type);
    }
    return facts;
}

// Holes are not reserved; the rest is, as far as the file system can.
result<void> reserve(const copy_context& context, const copy_start& start) noexcept {
    // Writes behind the end would let XFS reserve what lies in front of them, which is to be holes.
    if (start.plan.find_holes && ::ftruncate(context.to, static_cast<off_t>(start.size)) != 0) {
        return fail_errno(errno);
    }
    if (!start.plan.preallocate || start.plan.find_holes) {
        return {};
    }
    if (::fallocate(context.to, 0, 0, static_cast<off_t>(start.size)) == 0) {
        return {};
    }
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return full ? fail_errno(errno) : result<void>{};
}

// The source opened once more, so that the kernel reads ahead for this lane alone: lanes that share
// a position of reading ahead take it from each other. Nothing where that can't be done.
unique_fd opened_again(int from) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", from);
    const int kept = ::fcntl(from, F_GETFL) & O_NOATIME;
    unique_fd again{::open(path.data(), O_RDONLY | O_CLOEXEC | O_NOCTTY | kept)};
    if (again) {
        ::posix_fadvise(again.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return again;
}

// Behind what is present only whole blocks can be shared; the one that it ends in becomes the
// source's, which has the same bytes there.
bool share_blocks(const copy_context& context, std::uint64_t present) noexcept {
    if (present == 0) {
        return context.calls.clone(context.from, context.to) == 0;
    }
    struct statfs where{};
    if (::fstatfs(context.to, &where) != 0 || where.f_bsize <= 0) {
        return false;
    }
    const auto block = static_cast<std::uint64_t>(where.f_bsize);
    return context.calls.clone_from(context.from, present / block * block, context.to) == 0;
}

result<void> sync_if(bool wanted, int fd) noexcept {
    if (wanted && ::fsync(fd) != 0 && errno != EINVAL) {
        return fail_errno(errno);
    }
    return {};
}

}  // namespace

result<copy_start> begin_copy(const copy_settings& settings, const copy_context& context,
                              std::uint64_t present) {
    const auto facts = look_at_both(context.from, context.to);
    if (!facts) {
        return std::unexpected{facts.error()};
    }
    copy_start start{.plan = plan_copy(settings, *facts), .size = facts->size};
    start.report.bytes = facts->size;
    start.plan.preallocate = start.plan.preallocate && present == 0;
    RW_ASSERT(present <= facts->size);
    if (start.plan.try_reflink) {
        if (share_blocks(context, present)) {
            context.meter.bytes.fetch_add(facts->size - present, std::memory_order_relaxed);
            start.done = true;
            start.report.method = copy_method::reflink;
        } else if (settings.reflink == reflink_mode::always ||
                   settings.method == copy_method::reflink) {
            return std::unexpected{error{errc::unsupported, errno}};
        }
    } else if (start.plan.stream) {
        const auto copied = copy_stream(context);
        if (!copied) {
            return std::unexpected{copied.error()};
        }
        start.done = true;
        start.report = {.method = copy_method::read_write, .bytes = *copied, .moved = *copied};
        if (context.skip_zeros && ::ftruncate(context.to, static_cast<off_t>(*copied)) != 0) {
            return fail_errno(errno);
        }
    }
    if (start.done) {
        const auto synced = sync_if(settings.sync, context.to);
        return synced ? result<copy_start>{start} : std::unexpected{synced.error()};
    }
    const auto reserved = reserve(context, start);
    return reserved ? result<copy_start>{start} : std::unexpected{reserved.error()};
}

result<copy_report> copy_blocking(const copy_settings& settings, const copy_context& context,
                                  std::uint64_t present) {
    const auto start = begin_copy(settings, context, present);
    if (!start || start->done) {
        return start ? result<copy_report>{start->report} : std::unexpected{start.error()};
    }
    const auto with = [&](copy_method method) {
        copy_context chosen = context;
        chosen.method = method;
        copy_job job{
            chosen, {present, start->size - present}, lane_piece_bytes, start->plan.find_holes};
        job.run_lane();
        return job.finish(settings);
    };
    auto copied = with(start->plan.method);
    if (!copied && copied.error().code == errc::unsupported &&
        settings.method == copy_method::automatic) {
        copied = with(copy_method::read_write);
    }
    return copied;
}

void copy_job::fail(error what) noexcept {
    pieces.end();
    const std::lock_guard lock{mutex_};
    if (failed_.code == errc::none) {
        failed_ = what;
    }
}

void copy_job::source_ended(std::uint64_t offset) noexcept {
    pieces.end();
    const std::lock_guard lock{mutex_};
    ends_at_ = std::min(ends_at_, offset);
}

void copy_job::run_lane() noexcept {
    const unique_fd again = size_ >= large_file_bytes ? opened_again(context.from) : unique_fd{};
    copy_context own = context;
    own.from = again ? again.get() : context.from;
    for (;;) {
        const auto piece = pieces.next();
        if (!piece) {
            return fail(piece.error());
        }
        if (piece->length == 0) {
            return;
        }
        const auto copied = copy_piece_fully(own, *piece);
        if (!copied) {
            return fail(copied.error());
        }
        moved(*copied);
        if (*copied < piece->length) {
            return source_ended(piece->offset + *copied);
        }
    }
}

// A way that ends early may have met a page that can't be read, or a file that is not what it says:
// read(2) then tells which it is.
result<std::uint64_t> copy_job::copy_piece_fully(const copy_context& own, copy_piece piece) {
    const auto copied = copy_range(own, piece);
    if (!copied || *copied == piece.length || own.method == copy_method::read_write) {
        return copied;
    }
    copy_context plain = own;
    plain.method = copy_method::read_write;
    const auto rest = copy_range(plain, {piece.offset + *copied, piece.length - *copied});
    return rest ? result<std::uint64_t>{*copied + *rest} : rest;
}

// Where the copy ends. A source that says it is as long as before and yet ends earlier has never
// been that long: files of /sys are such.
result<std::uint64_t> copy_job::true_size() const noexcept {
    if (ends_at_ == size_) {
        return size_;
    }
    struct stat now{};
    if (::fstat(context.from, &now) != 0) {
        return fail_errno(errno);
    }
    if (static_cast<std::uint64_t>(now.st_size) < size_) {
        return ringway::fail(errc::truncated);
    }
    return ends_at_;
}

result<copy_report> copy_job::finish(const copy_settings& settings) noexcept {
    if (failed_.code != errc::none) {
        return std::unexpected{failed_};
    }
    const auto size = true_size();
    if (!size) {
        return std::unexpected{size.error()};
    }
    struct stat source{};
    struct stat target{};
    if (::fstat(context.from, &source) != 0 || ::fstat(context.to, &target) != 0) {
        return fail_errno(errno);
    }
    if (*size == size_ && static_cast<std::uint64_t>(source.st_size) < size_) {
        // It shrank within its last page, or behind the lane: the copy may hold what is gone.
        return ringway::fail(errc::truncated);
    }
    if (static_cast<std::uint64_t>(target.st_size) != *size &&
        ::ftruncate(context.to, static_cast<off_t>(*size)) != 0) {
        return fail_errno(errno);
    }
    if (const auto synced = sync_if(settings.sync, context.to); !synced) {
        return std::unexpected{synced.error()};
    }
    context.meter.bytes.fetch_add(pieces.skipped(), std::memory_order_relaxed);
    return copy_report{.method = context.method,
                       .bytes = *size,
                       .moved = moved_.load(),
                       .grew = static_cast<std::uint64_t>(source.st_size) > size_};
}

}  // namespace ringway
