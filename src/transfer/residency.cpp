#include <atomic>
#include <cerrno>
#include <cstddef>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringway/transfer/transfer.hpp>

namespace ringway {
namespace {

// cachestat(2), Linux 6.5; the C library has no wrapper yet.
constexpr long cachestat_number = 451;
struct cachestat_range {
    std::uint64_t offset;
    std::uint64_t length;
};
struct cachestat_counts {
    std::uint64_t cached;
    std::uint64_t dirty;
    std::uint64_t writeback;
    std::uint64_t evicted;
    std::uint64_t recently_evicted;
};

// The kernel reads ahead in pieces of this size: what is missing is missing in such pieces.
constexpr std::uint64_t probe_distance = std::uint64_t{128} * 1024;

std::atomic<bool> cachestat_missing{false};

// Whether one byte can be read without waiting. RWF_NOWAIT: Linux 4.14.
bool byte_is_resident(int file, std::uint64_t offset) noexcept {
    std::byte byte{};
    const iovec part{&byte, 1};
    return ::preadv2(file, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT) == 1;
}

}  // namespace

bool is_resident(int file, file_slice slice) noexcept {
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    if (!cachestat_missing.load(std::memory_order_relaxed)) {
        cachestat_range range{slice.offset, slice.length};
        cachestat_counts counts{};
        if (::syscall(cachestat_number, file, &range, &counts, 0) == 0) {
            const std::uint64_t first = slice.offset / page;
            const std::uint64_t last = (slice.offset + slice.length - 1) / page;
            return counts.cached >= last - first + 1;
        }
        if (errno == ENOSYS) {
            cachestat_missing.store(true, std::memory_order_relaxed);
        }
        // EPERM: newer kernels tell only those who own the file or may write it.
    }
    for (std::uint64_t at = 0; at < slice.length; at += probe_distance) {
        if (!byte_is_resident(file, slice.offset + at)) {
            return false;
        }
    }
    return byte_is_resident(file, slice.offset + slice.length - 1);
}

}  // namespace ringway
