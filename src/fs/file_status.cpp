#include <ringway/fs/file_status.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>

#include "fs/status_at.hpp"

namespace ringway {
namespace {

std::int64_t nanoseconds_of(const timespec& time) noexcept {
    // From 1678 to 2262; file systems go further.
    constexpr std::int64_t second = 1'000'000'000;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / second - 1;
    return std::clamp<std::int64_t>(time.tv_sec, -most, most) * second + time.tv_nsec;
}

file_status status_from(const struct stat& facts) noexcept {
    return {
        .size = static_cast<std::uint64_t>(facts.st_size),
        .mtime_ns = nanoseconds_of(facts.st_mtim),
        .ctime_ns = nanoseconds_of(facts.st_ctim),
        .inode = facts.st_ino,
        .device = facts.st_dev,
        .mode = facts.st_mode,
        .is_regular = S_ISREG(facts.st_mode),
        .is_directory = S_ISDIR(facts.st_mode),
    };
}

}  // namespace

result<file_status> status_of(int fd) noexcept {
    struct stat facts{};
    if (::fstat(fd, &facts) != 0) {
        return fail_errno(errno);
    }
    return status_from(facts);
}

result<file_status> status_at(int directory, const char* name) noexcept {
    struct stat facts{};
    if (::fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(errno);
    }
    return status_from(facts);
}

}  // namespace ringway
