// One thread, epoll(7), level-triggered: what a careful program without io_uring does.
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/bench_server.hpp"

namespace ringway::lab {
namespace {

constexpr int events_max = 512;
constexpr std::size_t buffer_bytes = 64 * 1024;

struct connection {
    unsigned state = 0;
    std::vector<std::byte> unsent;  // What the socket's buffer did not take.
};

class epoll_server {
public:
    epoll_server(int listener, const bench_service& service)
        : listener_{listener}, service_{service}, poller_{::epoll_create1(EPOLL_CLOEXEC)} {}

    int run(bool busy_poll) {
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
        std::array<epoll_event, events_max> ready{};
        for (;;) {
            const int count =
                ::epoll_wait(poller_.get(), ready.data(), events_max, busy_poll ? 0 : -1);
            if (count < 0 && errno != EINTR) {
                return 1;
            }
            for (int i = 0; i < count; ++i) {
                handle(ready[static_cast<std::size_t>(i)]);
            }
        }
    }

private:
    void watch(int operation, int fd, std::uint32_t events) {
        epoll_event wanted{.events = events, .data = {.fd = fd}};
        ::epoll_ctl(poller_.get(), operation, fd, &wanted);
    }

    void handle(const epoll_event& event) {
        const int fd = event.data.fd;
        if (fd == listener_) {
            accept_all();
        } else if ((event.events & EPOLLOUT) != 0) {
            send_rest(fd);
        } else {
            receive(fd);
        }
    }

    void accept_all() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (fd < 0) {
                return;
            }
            if (static_cast<std::size_t>(fd) >= connections_.size()) {
                connections_.resize(static_cast<std::size_t>(fd) * 2 + 64);
            }
            at(fd) = {};
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        }
    }

    void receive(int fd) {
        const auto size = ::recv(fd, buffer_.data(), buffer_.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (size <= 0) {
            ::close(fd);
            return;
        }
        send(fd, service_.answer(at(fd).state,
                                 byte_view{buffer_}.first(static_cast<std::size_t>(size))));
    }

    void send(int fd, byte_view bytes) {
        if (bytes.empty()) {
            return;
        }
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            ::close(fd);
            return;
        }
        const auto rest = bytes.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent));
        if (!rest.empty()) {  // Nothing more is read until it has gone.
            at(fd).unsent.assign(rest.begin(), rest.end());
            watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
        }
    }

    void send_rest(int fd) {
        const auto rest = std::move(at(fd).unsent);
        at(fd).unsent.clear();
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
        send(fd, rest);
    }

    connection& at(int fd) { return connections_[static_cast<std::size_t>(fd)]; }

    int listener_;
    const bench_service& service_;
    unique_fd poller_;
    std::vector<connection> connections_;
    std::array<std::byte, buffer_bytes> buffer_;
};

}  // namespace

int serve_by_epoll(int listener, const bench_service& service, const server_options& options) {
    const int flags = ::fcntl(listener, F_GETFL);
    ::fcntl(listener, F_SETFL, flags | O_NONBLOCK);
    epoll_server server{listener, service};
    return server.run(options.busy_poll);
}

}  // namespace ringway::lab
