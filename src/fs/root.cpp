#include <ringway/fs/root.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <expected>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "fs/directory.hpp"
#include "fs/open_beneath.hpp"
#include "fs/open_task.hpp"

namespace ringway {
namespace {

// A path as system calls take it, without an allocation.
class terminated_path {
public:
    explicit terminated_path(std::string_view path) noexcept {
        if (path.empty()) {
            path = ".";
        }
        fits_ = path.size() < bytes_.size();
        if (fits_) {
            bytes_[path.copy(bytes_.data(), path.size())] = '\0';
        }
    }
    [[nodiscard]] bool fits() const noexcept { return fits_; }
    [[nodiscard]] const char* text() const noexcept { return bytes_.data(); }

private:
    std::array<char, PATH_MAX> bytes_;
    bool fits_ = false;
};

// Does the system call exist, and is it allowed?
bool openat2_works(int directory) noexcept {
    const auto tried =
        open_with(directory, ".", how_to_open(symlink_policy::deny, O_PATH | O_CLOEXEC));
    return tried.has_value();
}

}  // namespace

result<root> root::open(const std::string& path) noexcept {
    if (path.contains('\0')) {
        return fail(errc::invalid_argument);
    }
    unique_fd fd{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!fd) {
        return fail_errno(errno);
    }
    const bool has_openat2 = openat2_works(fd.get());
    if (!has_openat2) {
        log_line(log_level::warning,
                 "openat2 is missing here: symbolic links below " + path + " are refused");
    }
    return root{std::move(fd), has_openat2};
}

// A single name that is no link leads nowhere but into the directory: the kernel need not prove
// that it does, which takes a twentieth of opening, reading and closing a small file.
result<unique_fd> open_cached(const root& where, std::string_view path,
                              symlink_policy policy) noexcept {
    if (const auto checked = check_path(path); !checked) {
        return std::unexpected{checked.error()};
    }
    const terminated_path name{path};
    if (!name.fits()) {
        return fail_errno(ENAMETOOLONG);
    }
    if (!where.has_openat2()) {
        return fail(errc::would_block);
    }
    open_how how = how_to_open(policy, read_flags);
    how.resolve |= RESOLVE_CACHED;
    open_how plain = how;
    plain.resolve = RESOLVE_CACHED | RESOLVE_NO_SYMLINKS;
    const bool single = !path.contains('/');
    auto opened = open_with(where.fd(), name.text(), single ? plain : how);
    if (!opened && single && opened.error().sys == ELOOP && policy != symlink_policy::deny) {
        opened = open_with(where.fd(), name.text(), how);
    }
    if (!opened) {
        // EINVAL: before Linux 5.12, RESOLVE_CACHED is unknown. EXDEV: perhaps only a detour.
        const int sys = opened.error().sys;
        const bool undecided = sys == EINVAL || (sys == EXDEV && policy == symlink_policy::inside);
        return undecided ? fail_errno(EAGAIN) : std::unexpected{opened.error()};
    }
    return opened;
}

result<opened_file> root::try_open_now(std::string_view path,
                                       symlink_policy policy) const noexcept {
    auto opened = open_cached(*this, path, policy);
    return opened ? look_at(*std::move(opened)) : std::unexpected{opened.error()};
}

task<result<opened_file>> root::open_beneath(std::string path, symlink_policy policy) const {
    return open_task(*this, std::move(path), policy, read_flags);
}

task<result<opened_file>> root::open_regular(std::string path, symlink_policy policy) const {
    auto opened = try_open_now(path, policy);
    if (!opened && opened.error().code == errc::would_block) {
        opened = co_await open_beneath(std::move(path), policy);
    }
    if (opened && !opened->status.is_regular) {
        co_return fail(errc::not_regular);
    }
    co_return opened;
}

task<result<directory_listing>> root::list(std::string path, symlink_policy policy,
                                           std::size_t entries_max) const {
    auto directory = co_await or_return(co_await open_beneath(path, policy));
    if (!directory.status.is_directory) {
        co_return fail_errno(ENOTDIR);
    }
    co_return co_await run_blocking([&, this] {
        return read_directory({.directory = directory.fd.get(),
                               .root = fd(),
                               .path = path,
                               .policy = has_openat2_ ? policy : symlink_policy::deny,
                               .entries_max = entries_max});
    });
}

result<std::string> root::real_path() const { return path_of(fd()); }

}  // namespace ringway
