// Preloaded into a program: close(2) of a file without a name says that there was no room for it,
// as file systems of servers do.
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" __attribute__((visibility("default"))) int close(int fd) {
    std::array<char, 32> link{};
    std::array<char, 512> path{};
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
    const ssize_t size = ::readlink(link.data(), path.data(), path.size());
    const auto outcome = static_cast<int>(::syscall(SYS_close, fd));
    const std::string_view name{path.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
    if (name.ends_with(" (deleted)")) {
        errno = ENOSPC;
        return -1;
    }
    return outcome;
}
