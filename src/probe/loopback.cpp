#include "probe/loopback.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace ringway::probe {
namespace {

constexpr timeval patience{.tv_sec = 0, .tv_usec = 200'000};

unique_fd bound(int type) noexcept {
    unique_fd made{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (made && (::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
                 ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
                 ::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name))) {
        const int why = errno;
        made.reset();
        errno = why;
    }
    return made;
}

bool connect_to(int listener, int from) noexcept {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    auto* const generic = reinterpret_cast<sockaddr*>(&name);
    if (::getsockname(listener, generic, &size) != 0) {
        return false;
    }
    if (::connect(from, generic, size) == 0) {
        return true;
    }
    // Task work of a ring that was closed may interrupt it; it goes on all the same.
    pollfd wait{.fd = from, .events = POLLOUT, .revents = 0};
    return errno == EINTR && ::poll(&wait, 1, 200) == 1 && ::getpeername(from, generic, &size) == 0;
}

}  // namespace

tcp_pair::tcp_pair() noexcept : client{bound(SOCK_STREAM)} {
    const unique_fd listener = bound(SOCK_STREAM);
    if (!client || !listener || ::listen(listener.get(), 1) != 0 ||
        !connect_to(listener.get(), client.get())) {
        error = errno;
        return;
    }
    server = unique_fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!server ||
        ::setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) {
        error = errno;
    }
}

udp_loop::udp_loop() noexcept : socket{bound(SOCK_DGRAM)} {
    if (!socket || !connect_to(socket.get(), socket.get())) {
        error = errno;
    }
}

}  // namespace ringway::probe
