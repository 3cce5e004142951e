// The loop of servers on bare liburing with one operation after the other on each connection.
#pragma once

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/uring_loop.hpp"

namespace ringway::lab {

/// Serves until the ring is broken. A `Conversation` is made of a descriptor and the service, and
/// has
///   - `void prepare(io_uring_sqe&)`: its next operation;
///   - `bool take(int result)`: how that ended; false if the connection is over. It is closed then.
template <class Conversation, class Service>
class uring_conversations {
public:
    uring_conversations(io_uring& ring, int listener, const Service& service)
        : ring_{ring}, listener_{listener}, service_{service} {}

    int run(bool busy_poll) {
        accept();
        const auto each = [this](const io_uring_cqe& done) { handle(done); };
        while (turn(ring_, busy_poll, each)) {
        }
        return 1;
    }

private:
    struct connection {
        int fd;
        Conversation conversation;
    };

    void accept() {
        auto* const entry = next_entry(ring_);
        io_uring_prep_accept(entry, listener_, nullptr, nullptr, SOCK_CLOEXEC);
        io_uring_sqe_set_data(entry, nullptr);  // Of connections it is their address.
    }

    void handle(const io_uring_cqe& done) {
        if (done.user_data == 0) {
            if (done.res >= 0) {  // Deleted when its peer has gone.
                go_on(*new connection{done.res, Conversation{done.res, service_}});
            }
            accept();
            return;
        }
        auto& one = *static_cast<connection*>(io_uring_cqe_get_data(&done));
        if (one.conversation.take(done.res)) {
            go_on(one);
        } else {
            ::close(one.fd);
            delete &one;
        }
    }

    void go_on(connection& one) {
        auto* const entry = next_entry(ring_);
        one.conversation.prepare(*entry);
        io_uring_sqe_set_data(entry, &one);
    }

    io_uring& ring_;
    int listener_;
    const Service& service_;
};

/// The same with a ring of its own. Yields the exit status.
template <class Conversation, class Service>
int serve_uring_conversations(int listener, const Service& service, const server_options& options) {
    io_uring ring{};
    if (open_uring(ring, options) == nullptr) {
        return 1;
    }
    return uring_conversations<Conversation, Service>{ring, listener, service}.run(
        options.busy_poll);
}

}  // namespace ringway::lab
