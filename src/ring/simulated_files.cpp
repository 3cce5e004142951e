#include "ring/simulated_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring/blocking_calls.hpp"

namespace ringway::detail {
namespace {

constexpr std::uint32_t block_bytes = 4096;

int result_of(long returned) noexcept { return returned < 0 ? -errno : static_cast<int>(returned); }

int poll_file(const operation& op) noexcept {
    pollfd asked{.fd = op.fd, .events = static_cast<short>(op.flags), .revents = 0};
    const int found = ::poll(&asked, 1, 0);
    if (found <= 0) {
        return found < 0 ? -errno : -EAGAIN;
    }
    return asked.revents;
}

int read_file(const operation& op, std::uint32_t length) noexcept {
    if (op.offset != operation::no_offset) {
        return result_of(::pread(op.fd, op.address, length, static_cast<off_t>(op.offset)));
    }
    return is_ready(op.fd, POLLIN) ? result_of(::read(op.fd, op.address, length)) : -EAGAIN;
}

int write_file(const operation& op, std::uint32_t length) noexcept {
    if (op.offset != operation::no_offset) {
        return result_of(::pwrite(op.fd, op.address, length, static_cast<off_t>(op.offset)));
    }
    return is_ready(op.fd, POLLOUT) ? result_of(::write(op.fd, op.address, length)) : -EAGAIN;
}

int splice_files(const operation& op, std::uint32_t length) noexcept {
    if (!is_ready(op.fd, POLLIN) || !is_ready(op.other_fd, POLLOUT)) {
        return -EAGAIN;
    }
    auto from = static_cast<loff_t>(op.offset);
    auto to = static_cast<loff_t>(op.other_offset);
    return result_of(::splice(op.fd, op.offset == operation::no_offset ? nullptr : &from,
                              op.other_fd, op.other_offset == operation::no_offset ? nullptr : &to,
                              length, op.flags | SPLICE_F_NONBLOCK));
}

}  // namespace

int perform_on_file(const operation& op, std::uint32_t length) noexcept {
    const auto* const path = static_cast<const char*>(op.address);
    switch (op.kind) {
        case op_kind::poll: return poll_file(op);
        case op_kind::read: return read_file(op, length);
        case op_kind::write: return write_file(op, length);
        case op_kind::fsync:
            return result_of((op.flags & 1U) != 0 ? ::fdatasync(op.fd) : ::fsync(op.fd));
        case op_kind::openat2:
            return result_of(::syscall(SYS_openat2, op.fd, path, op.extra, sizeof(open_how)));
        case op_kind::statx:
            return result_of(::statx(op.fd, path, static_cast<int>(op.flags), op.length,
                                     static_cast<struct statx*>(op.extra)));
        case op_kind::splice: return splice_files(op, length);
        case op_kind::shutdown: return result_of(::shutdown(op.fd, static_cast<int>(op.flags)));
        case op_kind::close: return result_of(::close(op.fd));
        case op_kind::fallocate:
        case op_kind::ftruncate:
        case op_kind::fadvise:
        case op_kind::rename:
        case op_kind::link:
        case op_kind::unlink:
        case op_kind::mkdir: return perform_blocking(op);
        default: return -EOPNOTSUPP;
    }
}

bool is_ready(int fd, short events) noexcept {
    pollfd asked{.fd = fd, .events = events, .revents = 0};
    return ::poll(&asked, 1, 0) != 0;  // Trouble too is for the call itself to tell.
}

std::uint32_t aligned_part(int fd, std::uint32_t part, std::uint32_t length) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_DIRECT) == 0) {
        return part;
    }
    const std::uint32_t whole = part / block_bytes * block_bytes;
    return whole > 0 ? whole : length;
}

}  // namespace ringway::detail
