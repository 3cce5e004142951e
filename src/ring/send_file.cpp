#include "ring/send_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>

#include <ringway/base/assert.hpp>

namespace ringway {

int send_file_now(const operation& op) noexcept {
    const int mode = ::fcntl(op.fd, F_GETFL);
    if (mode < 0) {
        return -errno;
    }
    const bool blocking = (mode & O_NONBLOCK) == 0;
    if (blocking && ::fcntl(op.fd, F_SETFL, mode | O_NONBLOCK) < 0) {
        return -errno;
    }
    auto offset = static_cast<off_t>(op.offset);
    ssize_t sent = 0;
    do {
        sent = ::sendfile(op.fd, op.other_fd, &offset, op.length);
    } while (sent < 0 && errno == EINTR);
    const int outcome = sent < 0 ? -errno : static_cast<int>(sent);
    if (blocking) {
        ::fcntl(op.fd, F_SETFL, mode);
    }
    return outcome;
}

void block_broken_pipe_signal() noexcept {
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    RW_ASSERT(::pthread_sigmask(SIG_BLOCK, &pipe, nullptr) == 0);
}

}  // namespace ringway
