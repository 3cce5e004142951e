#include <ringway/net/connect.hpp>

#include <cerrno>
#include <chrono>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <ringway/ring/await.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway {

namespace {

constexpr std::chrono::milliseconds between_attempts{5};

}  // namespace

task<result<int>> connect_to(endpoint where) {
    const int flags = driver::current().socket_flags();
    const int fd = ::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        co_return fail_errno(errno);
    }
    if (where.is_ip()) {
        const int one = 1;
        ::setsockopt(fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    operation op;
    op.kind = op_kind::connect;
    op.fd = fd;
    op.address = const_cast<sockaddr*>(where.address());  // connect(2) only reads it.
    op.length = where.size();
    completion done = co_await await_operation{op};
    // The queue of a Unix listener is full, and nothing tells when it no longer is.
    const bool waits = where.is_unix();
    while (waits && done.result == -EAGAIN && (co_await sleep_for(between_attempts)).has_value()) {
        done = co_await await_operation{op};
    }
    if (waits && done.result == -EAGAIN) {
        done.result = -ECANCELED;
    }
    if (done.result < 0) {
        driver::current().close_now(fd);
        co_return fail_errno(-done.result);
    }
    co_return fd;
}

}  // namespace ringway
