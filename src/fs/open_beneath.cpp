#include "fs/open_beneath.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace ringway {
namespace {

// openat2 may say EAGAIN when something is renamed meanwhile (openat2(2)): try again, but not for
// ever.
constexpr int attempts_max = 16;

constexpr mode_t new_file_mode = 0644;

// The first name of `path`, which is shortened by it and the slashes behind it.
std::string_view take_name(std::string_view& path) noexcept {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(path.find_first_not_of('/', end), path.size()));
    return name;
}

// openat(2) of one name, which is no link.
result<unique_fd> open_name(int directory, std::string_view name, std::uint64_t flags) noexcept {
    std::array<char, NAME_MAX + 1> terminated{};
    if (name.size() > NAME_MAX) {
        return fail_errno(ENAMETOOLONG);
    }
    name.copy(terminated.data(), name.size());
    unique_fd opened{::openat(directory, terminated.data(), static_cast<int>(flags) | O_NOFOLLOW,
                              new_file_mode)};
    if (!opened) {
        return fail_errno(errno);
    }
    return opened;
}

}  // namespace

open_how how_to_open(symlink_policy policy, std::uint64_t flags) noexcept {
    open_how how{};
    how.flags = flags;
    how.mode = (flags & O_CREAT) != 0 ? new_file_mode : 0;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    if (policy != symlink_policy::follow) {
        how.resolve |= RESOLVE_BENEATH;
    }
    if (policy == symlink_policy::deny) {
        how.resolve |= RESOLVE_NO_SYMLINKS;
    }
    return how;
}

result<void> check_path(std::string_view path) noexcept {
    if (path.contains('\0')) {
        return fail_errno(EINVAL);
    }
    if (path.starts_with('/')) {
        return fail_errno(EXDEV);
    }
    while (!path.empty()) {
        if (take_name(path) == "..") {
            return fail_errno(EXDEV);
        }
    }
    return {};
}

result<unique_fd> open_with(int directory, const char* path, open_how how) noexcept {
    const auto fd = static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof(how)));
    if (fd < 0) {
        return fail_errno(errno);
    }
    return unique_fd{fd};
}

result<unique_fd> open_waiting(int directory, const char* path, symlink_policy policy,
                               std::uint64_t flags) noexcept {
    for (int attempt = 1;; ++attempt) {
        auto opened = open_with(directory, path, how_to_open(policy, flags));
        if (opened || attempt == attempts_max) {
            return opened;
        }
        const int sys = opened.error().sys;
        if (sys == EXDEV && policy == symlink_policy::inside) {
            return open_through_links(directory, path, flags);
        }
        if (sys != EAGAIN && sys != EINTR) {
            return opened;
        }
    }
}

// The first open has no effect on the file (O_PATH) and tells nobody anything; what is served is
// opened by the second, which can't leave the directory whatever has happened in between.
result<unique_fd> open_through_links(int directory, const char* path,
                                     std::uint64_t flags) noexcept {
    const auto found =
        open_with(directory, path, how_to_open(symlink_policy::follow, O_PATH | O_CLOEXEC));
    if (!found) {
        return std::unexpected{found.error()};
    }
    const auto target = path_of(found->get());
    const auto base = path_of(directory);
    if (!target || !base) {
        return fail_errno(EXDEV);
    }
    if (*target == *base) {
        return open_with(directory, ".", how_to_open(symlink_policy::deny, flags));
    }
    const std::string prefix = *base == "/" ? *base : *base + '/';
    if (!target->starts_with(prefix)) {
        return fail_errno(EXDEV);
    }
    return open_with(directory, target->c_str() + prefix.size(),
                     how_to_open(symlink_policy::deny, flags));
}

result<unique_fd> open_by_names(int directory, std::string_view path,
                                std::uint64_t flags) noexcept {
    unique_fd parent;
    int from = directory;
    std::string_view name = take_name(path);
    while (!path.empty()) {
        auto next = open_name(from, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (!next) {
            return next;
        }
        parent = *std::move(next);
        from = parent.get();
        name = take_name(path);
    }
    return open_name(from, name.empty() ? "." : name, flags);
}

result<std::string> path_of(int fd) noexcept {
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size < 0) {
        return fail_errno(errno);
    }
    const auto bytes = static_cast<std::size_t>(size);
    if (bytes == target.size() || target[0] != '/') {
        return fail_errno(ENAMETOOLONG);
    }
    return std::string{target.data(), bytes};
}

}  // namespace ringway
