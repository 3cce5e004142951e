// Lookups on bare liburing: receive, read the block, send the record, again.
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/lookup.hpp"
#include "lab/uring_loop.hpp"

namespace ringway::lab {
namespace {

enum class step : std::uint8_t { receiving, reading, sending };

struct connection {
    int fd = -1;
    step at = step::receiving;
    lookup_request request;
    byte_view received;  // What is left of `buffer`.
    std::array<std::byte, 512> buffer;
    lookup_block block;
};

class lookup_server {
public:
    lookup_server(io_uring& ring, int listener, const record_file& from)
        : ring_{ring}, listener_{listener}, from_{from} {}

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
        io_uring_sqe_set_data(entry, nullptr);
    }

    void handle(const io_uring_cqe& done) {
        if (done.user_data == 0) {
            if (done.res >= 0) {
                auto* const made = new connection;  // Deleted when its peer has gone.
                made->fd = done.res;
                go_on(*made);
            }
            accept();
            return;
        }
        auto& one = *reinterpret_cast<connection*>(done.user_data);
        if (!take(one, done.res)) {
            ::close(one.fd);
            delete &one;
            return;
        }
        go_on(one);
    }

    // What has come of the step under way. False: the connection is over.
    static bool take(connection& one, int result) {
        switch (one.at) {
            case step::receiving:
                if (result > 0) {
                    one.received = byte_view{one.buffer}.first(static_cast<std::size_t>(result));
                }
                return result > 0;
            case step::reading:
                one.at = step::sending;
                return result == static_cast<int>(lookup_block_bytes);
            default: one.at = step::receiving; return result == static_cast<int>(record_bytes);
        }
    }

    void go_on(connection& one) {
        if (one.at == step::receiving && one.request.take(one.received)) {
            one.at = step::reading;
        }
        auto* const entry = next_entry(ring_);
        const auto number = one.request.number();
        if (one.at == step::reading) {
            io_uring_prep_read(entry, from_.fd(), one.block.bytes.data(), lookup_block_bytes,
                               from_.block_of(number));
        } else if (one.at == step::sending) {
            const auto record = one.block.record_of(number);
            io_uring_prep_send(entry, one.fd, record.data(), record.size(),
                               MSG_NOSIGNAL | MSG_WAITALL);
        } else {
            io_uring_prep_recv(entry, one.fd, one.buffer.data(), one.buffer.size(), 0);
        }
        io_uring_sqe_set_data(entry, &one);
    }

    io_uring& ring_;
    int listener_;
    const record_file& from_;
};

}  // namespace

int serve_lookups_by_uring(int listener, const record_file& from, const server_options& options) {
    io_uring ring{};
    if (open_uring(ring, options) == nullptr) {
        return 1;
    }
    return lookup_server{ring, listener, from}.run(options.busy_poll);
}

}  // namespace ringway::lab
