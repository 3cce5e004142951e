#include "ring/blocking_calls.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

ssize_t do_read(const operation& op) noexcept {
    return op.offset == operation::no_offset
               ? ::read(op.fd, op.address, op.length)
               : ::pread(op.fd, op.address, op.length, static_cast<off_t>(op.offset));
}

ssize_t do_write(const operation& op) noexcept {
    return op.offset == operation::no_offset
               ? ::write(op.fd, op.address, op.length)
               : ::pwrite(op.fd, op.address, op.length, static_cast<off_t>(op.offset));
}

// SPLICE_F_NONBLOCK is about pipes. A socket waits unless it is non-blocking itself.
void make_socket_nonblocking(int fd) noexcept {
    struct stat facts{};
    if (::fstat(fd, &facts) == 0 && S_ISSOCK(facts.st_mode)) {
        const int mode = ::fcntl(fd, F_GETFL);
        if ((mode & O_NONBLOCK) == 0) {
            ::fcntl(fd, F_SETFL, mode | O_NONBLOCK);
        }
    }
}

ssize_t do_splice(const operation& op) noexcept {
    make_socket_nonblocking(op.fd);
    make_socket_nonblocking(op.other_fd);
    auto from = static_cast<off64_t>(op.offset);
    auto to = static_cast<off64_t>(op.other_offset);
    return ::splice(op.fd, op.offset == operation::no_offset ? nullptr : &from, op.other_fd,
                    op.other_offset == operation::no_offset ? nullptr : &to, op.length,
                    op.flags | SPLICE_F_NONBLOCK);
}

// Linux has closed the descriptor even when it says EINTR (close(2)).
ssize_t do_close(const operation& op) noexcept {
    const int result = ::close(op.fd);
    return result < 0 && errno == EINTR ? 0 : result;
}

int do_fadvise(const operation& op) noexcept {
    // The one call here that returns its error.
    const int failed = ::posix_fadvise(op.fd, static_cast<off_t>(op.offset), op.length,
                                       static_cast<int>(op.flags));
    errno = failed;
    return failed == 0 ? 0 : -1;
}

// What changes directories, and the size of files.
ssize_t perform_change(const operation& op) noexcept {
    const auto* const path = static_cast<const char*>(op.address);
    const auto* const other_path = static_cast<const char*>(op.extra);
    switch (op.kind) {
        case op_kind::fallocate:
            return ::fallocate(op.fd, static_cast<int>(op.flags), static_cast<off_t>(op.offset),
                               static_cast<off_t>(op.size));
        case op_kind::ftruncate: return ::ftruncate(op.fd, static_cast<off_t>(op.size));
        case op_kind::fadvise: return do_fadvise(op);
        case op_kind::rename: return ::renameat2(op.fd, path, op.other_fd, other_path, op.flags);
        case op_kind::link:
            return ::linkat(op.fd, path, op.other_fd, other_path, static_cast<int>(op.flags));
        case op_kind::unlink: return ::unlinkat(op.fd, path, static_cast<int>(op.flags));
        case op_kind::mkdir: return ::mkdirat(op.fd, path, static_cast<mode_t>(op.flags));
        default: break;
    }
    RW_ASSERT(false);  // The other kinds never come here.
}

ssize_t perform_once(const operation& op) noexcept {
    switch (op.kind) {
        case op_kind::read: return do_read(op);
        case op_kind::write: return do_write(op);
        case op_kind::fsync: return op.flags == 1 ? ::fdatasync(op.fd) : ::fsync(op.fd);
        case op_kind::openat2:
            return ::syscall(SYS_openat2, op.fd, op.address, op.extra, sizeof(open_how));
        case op_kind::statx:
            return ::statx(op.fd, static_cast<const char*>(op.address), static_cast<int>(op.flags),
                           op.length, static_cast<struct statx*>(op.extra));
        case op_kind::splice: return do_splice(op);
        case op_kind::shutdown: return ::shutdown(op.fd, static_cast<int>(op.flags));
        case op_kind::close: return do_close(op);
        default: return perform_change(op);
    }
}

}  // namespace

int perform_blocking(const operation& op) noexcept {
    for (;;) {
        const ssize_t result = perform_once(op);
        if (result >= 0) {
            return static_cast<int>(result);
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

}  // namespace ringway
