// liburing as most programs begin: receive into the connection's own buffer, send, receive again.
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "lab/bench_server.hpp"
#include "lab/uring_loop.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t buffer_bytes = 16 * 1024;
constexpr std::uint64_t accept_tag = 0;  // Of connections it is their address.

struct connection {
    int fd = -1;
    unsigned state = 0;
    bool sending = false;
    byte_view unsent;
    std::array<std::byte, buffer_bytes> buffer;
};

class single_server {
public:
    single_server(io_uring& ring, int listener, const bench_service& service)
        : ring_{ring}, listener_{listener}, service_{service} {}

    int run(bool busy_poll) {
        accept();
        const auto each = [this](const io_uring_cqe& done) { handle(done); };
        while (turn(ring_, busy_poll, each)) {
        }
        return 1;
    }

private:
    void accept() {
        auto* const entry = next_entry(ring_);
        io_uring_prep_accept(entry, listener_, nullptr, nullptr, SOCK_CLOEXEC);
        io_uring_sqe_set_data64(entry, accept_tag);
    }

    void handle(const io_uring_cqe& done) {
        if (done.user_data == accept_tag) {
            accepted(done.res);
            return;
        }
        auto& one = *reinterpret_cast<connection*>(done.user_data);
        if (done.res <= 0) {
            ::close(one.fd);
            delete &one;
        } else if (one.sending) {
            one.unsent = one.unsent.subspan(static_cast<std::size_t>(done.res));
            go_on(one);
        } else {
            one.unsent = service_.answer(
                one.state, byte_view{one.buffer}.first(static_cast<std::size_t>(done.res)));
            go_on(one);
        }
    }

    void accepted(int fd) {
        if (fd >= 0) {
            auto* const made = new connection;  // Deleted when its peer has gone.
            made->fd = fd;
            go_on(*made);
        }
        accept();
    }

    void go_on(connection& one) {
        auto* const entry = next_entry(ring_);
        one.sending = !one.unsent.empty();
        if (one.sending) {
            io_uring_prep_send(entry, one.fd, one.unsent.data(), one.unsent.size(), MSG_NOSIGNAL);
        } else {
            io_uring_prep_recv(entry, one.fd, one.buffer.data(), one.buffer.size(), 0);
        }
        io_uring_sqe_set_data(entry, &one);
    }

    io_uring& ring_;
    int listener_;
    const bench_service& service_;
};

}  // namespace

int serve_by_uring_single(int listener, const bench_service& service,
                          const server_options& options) {
    io_uring ring{};
    if (open_uring(ring, options) == nullptr) {
        return 1;
    }
    return single_server{ring, listener, service}.run(options.busy_poll);
}

}  // namespace ringway::lab
