// What the file system of the temporary folder can do.
#pragma once

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
#include <string>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

/// Whether what is in the page cache is read without waiting (RWF_NOWAIT, preadv2(2)).
[[nodiscard]] inline bool reads_without_waiting() {
    const auto folder = std::filesystem::temp_directory_path();
    const unique_fd file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    char byte = 'x';
    const iovec part{&byte, 1};
    return ::write(file.get(), &byte, 1) == 1 &&
           ::preadv2(file.get(), &part, 1, 0, RWF_NOWAIT) == 1;
}

/// Whether files of the temporary folder can be opened with O_DIRECT.
[[nodiscard]] inline bool reads_past_the_page_cache() {
    const auto folder = std::filesystem::temp_directory_path();
    const unique_fd file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_DIRECT, 0600)};
    return static_cast<bool>(file);
}

/// Whether the files of the temporary folder are nowhere but in memory (tmpfs).
[[nodiscard]] inline bool temporary_files_stay_in_memory() {
    struct statfs about{};
    const auto folder = std::filesystem::temp_directory_path();
    return ::statfs(folder.c_str(), &about) == 0 && about.f_type == TMPFS_MAGIC;
}

/// Of what was read from a file while somebody truncated it, that which the file ever held.
///
/// Before Linux 6.13 a read(2) from tmpfs that meets a truncation may end in one page of zeros
/// instead of ending short: it looks at the size, finds the page gone, and looks at the size again
/// only in case it is on the same page. No reader can tell; every other file system ends short.
[[nodiscard]] inline std::string without_page_of_zeros(std::string read,
                                                       const std::string& folder) {
    struct statfs about{};
    constexpr std::size_t page = 4096;
    if (::statfs(folder.c_str(), &about) == 0 && about.f_type == TMPFS_MAGIC) {
        const std::size_t kept = read.find_last_not_of('\0') + 1;
        read.resize(std::max(kept, read.size() - std::min(read.size(), page)));
    }
    return read;
}

}  // namespace ringway::test
