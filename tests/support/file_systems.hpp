// What the file system of the temporary folder can do.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <sys/uio.h>
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

}  // namespace ringway::test
