#include "ring/nonblocking_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

#include "ring/send_file.hpp"

namespace ringway {
namespace {

using outcome = attempt::outcome;

// `operation::driver_done` of a splice.
enum : std::uint32_t { waits_for_output = 1, waits_for_input = 2 };

// What a system call's return value and errno mean, for calls that are done when they succeed.
attempt judge(ssize_t result) noexcept {
    if (result >= 0) {
        return {outcome::finished, static_cast<int>(result)};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return {outcome::waits};
    }
    return errno == EINTR ? attempt{outcome::progressed} : attempt{outcome::finished, -errno};
}

// As `judge`, for sends of `total` bytes in all.
attempt judge_sent(operation& op, ssize_t result, std::size_t total) noexcept {
    if (result < 0) {
        const attempt tried = judge(result);
        const bool failed_midway = tried.how == outcome::finished && op.driver_done > 0;
        return failed_midway ? attempt{outcome::finished, static_cast<int>(op.driver_done)} : tried;
    }
    op.driver_done += static_cast<std::uint32_t>(result);
    RW_ASSERT(op.driver_done <= total);
    return op.driver_done == total ? attempt{outcome::finished, static_cast<int>(total)}
                                   : attempt{outcome::progressed};
}

// Sockets of our own are opened non-blocking; one that somebody else made may not be.
bool make_nonblocking(int fd) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 &&
           ((flags & O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

attempt try_accept(const operation& op) noexcept {
    if (!make_nonblocking(op.fd)) {
        return {outcome::finished, -errno};
    }
    return judge(::accept4(op.fd, nullptr, nullptr,
                           static_cast<int>(op.flags) | SOCK_NONBLOCK | SOCK_CLOEXEC));
}

// `driver_done` is 1 once the connection is under way.
attempt try_connect(operation& op) noexcept {
    if (op.driver_done == 0) {
        if (!make_nonblocking(op.fd)) {
            return {outcome::finished, -errno};
        }
        const auto* const address = static_cast<const sockaddr*>(op.address);
        if (::connect(op.fd, address, op.length) == 0) {
            return {outcome::finished, 0};
        }
        op.driver_done = errno == EINPROGRESS || errno == EALREADY || errno == EINTR;
        return op.driver_done == 1 ? attempt{outcome::waits} : attempt{outcome::finished, -errno};
    }
    // Readiness may be a leftover of the time before connect.
    const int ready = poll_now(op.fd, POLLOUT);
    if (ready <= 0) {
        return ready == 0 ? attempt{outcome::waits} : attempt{outcome::finished, ready};
    }
    int failure = 0;
    socklen_t size = sizeof failure;
    const int asked = ::getsockopt(op.fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    return {outcome::finished, asked == 0 ? -failure : -errno};
}

// Without a free buffer: finds out whether one is needed. The end of the stream needs none.
attempt peek_without_buffer(const operation& op) noexcept {
    std::byte peeked{};
    const attempt tried = judge(::recv(op.fd, &peeked, 1, MSG_PEEK | MSG_DONTWAIT));
    return tried.how == outcome::finished && tried.result > 0 ? attempt{outcome::finished, -ENOBUFS}
                                                              : tried;
}

attempt try_recv(const operation& op, listed_buffer_pool& pool) noexcept {
    const int flags = static_cast<int>(op.flags) | MSG_DONTWAIT;
    if (!op.select_buffer) {
        return judge(::recv(op.fd, op.address, op.length, flags));
    }
    const std::uint16_t buffer = pool.take();
    if (buffer == completion::no_buffer) {
        return peek_without_buffer(op);
    }
    const std::uint32_t length =
        op.length == 0 ? pool.bytes_each() : std::min(op.length, pool.bytes_each());
    attempt tried = judge(::recv(op.fd, pool.data(buffer), length, flags));
    if (tried.how == outcome::finished && tried.result > 0) {
        tried.buffer = buffer;
    } else {
        pool.put_back(buffer);
    }
    return tried;
}

attempt try_send(operation& op) noexcept {
    RW_ASSERT(op.length <= INT_MAX);
    const auto* const rest = static_cast<const std::byte*>(op.address) + op.driver_done;
    const ssize_t sent = ::send(op.fd, rest, op.length - op.driver_done,
                                static_cast<int>(op.flags) | MSG_DONTWAIT | MSG_NOSIGNAL);
    return judge_sent(op, sent, op.length);
}

// The parts of `message` behind its first `skipped` bytes, as many as fit.
std::size_t unsent_parts(const msghdr& message, std::size_t skipped,
                         std::array<iovec, 64>& parts) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < message.msg_iovlen && count < parts.size(); ++i) {
        const iovec& part = message.msg_iov[i];
        const std::size_t here = std::min(skipped, part.iov_len);
        skipped -= here;
        if (here < part.iov_len) {
            parts[count++] = {static_cast<std::byte*>(part.iov_base) + here, part.iov_len - here};
        }
    }
    return count;
}

// The caller's message goes out as it is first: a datagram must not be cut, and control data
// belongs to the first byte. Only a stream is ever sent in part.
attempt try_sendmsg(operation& op) noexcept {
    const msghdr& whole = *static_cast<const msghdr*>(op.address);
    std::size_t total = 0;
    for (std::size_t i = 0; i < whole.msg_iovlen; ++i) {
        total += whole.msg_iov[i].iov_len;
    }
    RW_ASSERT(total <= INT_MAX);
    std::array<iovec, 64> parts;
    msghdr message = whole;
    if (op.driver_done > 0) {
        message.msg_iov = parts.data();
        message.msg_iovlen = unsent_parts(whole, op.driver_done, parts);
        message.msg_control = nullptr;
        message.msg_controllen = 0;
    }
    const ssize_t sent =
        ::sendmsg(op.fd, &message, static_cast<int>(op.flags) | MSG_DONTWAIT | MSG_NOSIGNAL);
    return judge_sent(op, sent, total);
}

attempt try_poll(const operation& op) noexcept {
    const int events = poll_now(op.fd, op.flags);
    return events == 0 ? attempt{outcome::waits} : attempt{outcome::finished, events};
}

// Files in the sense that they are never "not ready", only slow.
bool is_storage(int fd) noexcept {
    struct stat facts{};
    return ::fstat(fd, &facts) == 0 &&
           (S_ISREG(facts.st_mode) || S_ISBLK(facts.st_mode) || S_ISDIR(facts.st_mode));
}

// For descriptors that can't be told not to wait, inotify for one: the call itself, but only when
// it is ready. A pipe that is writable has room for PIPE_BUF bytes.
attempt call_when_ready(const operation& op) noexcept {
    const bool reads = op.kind == op_kind::read;
    const int ready = poll_now(op.fd, reads ? POLLIN : POLLOUT);
    if (ready <= 0) {
        return ready == 0 ? attempt{outcome::waits} : attempt{outcome::finished, ready};
    }
    return judge(reads ? ::read(op.fd, op.address, op.length)
                       : ::write(op.fd, op.address, std::min<std::uint32_t>(op.length, PIPE_BUF)));
}

// A direct read would wait for the device in spite of RWF_NOWAIT.
attempt try_read_write(const operation& op) noexcept {
    const bool positioned = op.offset != operation::no_offset;
    if (positioned && (::fcntl(op.fd, F_GETFL) & O_DIRECT) != 0) {
        return {outcome::blocks};
    }
    const iovec part{op.address, op.length};
    const off_t offset = positioned ? static_cast<off_t>(op.offset) : -1;
    const ssize_t moved = op.kind == op_kind::read
                              ? ::preadv2(op.fd, &part, 1, offset, RWF_NOWAIT)
                              : ::pwritev2(op.fd, &part, 1, offset, RWF_NOWAIT);
    const bool refused = moved < 0 && (errno == EOPNOTSUPP || errno == ENOSYS);
    const attempt tried = judge(moved);
    if (!refused && tried.how != outcome::waits) {
        return tried;
    }
    if (positioned || is_storage(op.fd)) {
        return {outcome::blocks};
    }
    return refused ? call_when_ready(op) : tried;
}

attempt try_sendfile(const operation& op) noexcept {
    const int sent = send_file_now(op);
    return sent == -EAGAIN ? attempt{outcome::waits} : attempt{outcome::finished, sent};
}

// Opens what the directory cache knows already, which never waits for storage. O_NONBLOCK is for
// FIFOs and leases, whose open would wait, and is taken off again.
attempt try_cached_open(const operation& op) noexcept {
    open_how how = *static_cast<const open_how*>(op.extra);
    const bool adds_nonblock = (how.flags & (O_NONBLOCK | O_PATH)) == 0;
    how.resolve |= RESOLVE_CACHED;
    how.flags |= adds_nonblock ? O_NONBLOCK : 0;
    const auto fd = static_cast<int>(::syscall(SYS_openat2, op.fd, op.address, &how, sizeof how));
    if (fd >= 0) {
        if (adds_nonblock) {
            ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        }
        return {outcome::finished, fd};
    }
    // EINVAL: the kernel may not know RESOLVE_CACHED. ENXIO: a FIFO that nobody reads yet.
    const bool undecided = errno == EAGAIN || errno == EINVAL || errno == EINTR || errno == ENXIO;
    return undecided ? attempt{outcome::blocks} : attempt{outcome::finished, -errno};
}

// Only asks whether it is time for a worker: a splice may wait for storage.
attempt try_splice(const operation& op) noexcept {
    const bool output = splice_waits_for_output(op);
    const int ready = poll_now(output ? op.other_fd : op.fd, output ? POLLOUT : POLLIN);
    return {ready == 0 ? outcome::waits : outcome::blocks};
}

}  // namespace

attempt try_now(operation& op, listed_buffer_pool& pool) noexcept {
    switch (op.kind) {
        case op_kind::accept: return try_accept(op);
        case op_kind::connect: return try_connect(op);
        case op_kind::recv: return try_recv(op, pool);
        case op_kind::send:
        case op_kind::send_zc: return try_send(op);
        case op_kind::sendmsg:
        case op_kind::sendmsg_zc: return try_sendmsg(op);
        case op_kind::recvmsg:
            return judge(::recvmsg(op.fd, static_cast<msghdr*>(op.address),
                                   static_cast<int>(op.flags) | MSG_DONTWAIT));
        case op_kind::poll: return try_poll(op);
        case op_kind::read:
        case op_kind::write: return try_read_write(op);
        case op_kind::sendfile: return try_sendfile(op);
        case op_kind::openat2: return try_cached_open(op);
        case op_kind::splice: return try_splice(op);
        default: break;
    }
    RW_ASSERT(false);  // The other kinds are not tried.
}

int result_when_canceled(const operation& op) noexcept {
    const bool sends = op.kind == op_kind::send || op.kind == op_kind::sendmsg ||
                       op.kind == op_kind::send_zc || op.kind == op_kind::sendmsg_zc;
    return sends && op.driver_done > 0 ? static_cast<int>(op.driver_done) : -ECANCELED;
}

void note_splice_not_ready(operation& op) noexcept {
    op.driver_done = poll_now(op.other_fd, POLLOUT) == 0 ? waits_for_output : waits_for_input;
}

bool splice_waits_for_output(const operation& op) noexcept {
    return op.driver_done == waits_for_output;
}

int poll_now(int fd, std::uint32_t events) noexcept {
    if (fd < 0) {
        return -EBADF;  // poll(2) ignores these.
    }
    pollfd asked{fd, static_cast<short>(events), 0};
    int count = 0;
    do {
        count = ::poll(&asked, 1, 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return -errno;
    }
    return (asked.revents & POLLNVAL) != 0 ? -EBADF : asked.revents;
}

}  // namespace ringway
