// liburing at its best for sockets: multishot accept and receive, buffers that the kernel picks.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "lab/bench_server.hpp"
#include "lab/uring_loop.hpp"

namespace ringway::lab {
namespace {

constexpr int buffers_count = 4096;
constexpr std::size_t buffer_bytes = 16 * 1024;
constexpr int none = -1;

enum class kind : std::uint8_t { accept, receive, send };

// A buffer on its way back, and the one to be sent after it.
struct outgoing {
    byte_view unsent;
    int next = none;
};

// One send at a time on each socket keeps the bytes in order; other buffers queue up.
struct connection {
    unsigned state = 0;
    bool sending = false;
    bool hung_up = false;
    int first = none;
    int last = none;
};

class multi_server {
public:
    multi_server(io_uring& ring, int listener, const bench_service& service)
        : ring_{ring}, listener_{listener}, service_{service}, outgoing_(buffers_count) {}

    int run(bool busy_poll) {
        if (!open_buffers()) {
            return 1;
        }
        accept();
        const auto each = [this](const io_uring_cqe& done) { handle(done); };
        while (turn(ring_, busy_poll, each)) {
        }
        return 1;
    }

private:
    bool open_buffers() {
        int outcome = 0;
        free_ = io_uring_setup_buf_ring(&ring_, buffers_count, 0, 0, &outcome);
        memory_ = static_cast<std::byte*>(std::aligned_alloc(4096, buffer_bytes * buffers_count));
        if (free_ == nullptr || memory_ == nullptr) {
            std::fprintf(stderr, "buffer ring: %s\n", std::strerror(-outcome));
            return false;
        }
        for (int i = 0; i < buffers_count; ++i) {
            give_back(i);
        }
        return true;
    }

    static void tag(io_uring_sqe* entry, kind what, int fd = 0, int buffer = 0) {
        io_uring_sqe_set_data64(entry, static_cast<std::uint64_t>(what) << 48 |
                                           static_cast<std::uint64_t>(buffer) << 32 |
                                           static_cast<std::uint32_t>(fd));
    }

    void accept() {
        auto* const entry = next_entry(ring_);
        io_uring_prep_multishot_accept(entry, listener_, nullptr, nullptr, SOCK_CLOEXEC);
        tag(entry, kind::accept);
    }

    void receive(int fd) {
        auto* const entry = next_entry(ring_);
        io_uring_prep_recv_multishot(entry, fd, nullptr, 0, 0);
        entry->flags |= IOSQE_BUFFER_SELECT;
        tag(entry, kind::receive, fd);
    }

    void send(int fd, int buffer) {
        auto* const entry = next_entry(ring_);
        const auto bytes = out(buffer).unsent;
        io_uring_prep_send(entry, fd, bytes.data(), bytes.size(), MSG_WAITALL | MSG_NOSIGNAL);
        tag(entry, kind::send, fd, buffer);
        at(fd).sending = true;
    }

    void handle(const io_uring_cqe& done) {
        const int fd = static_cast<int>(static_cast<std::uint32_t>(done.user_data));
        const int buffer = static_cast<int>(done.user_data >> 32 & 0xffff);
        switch (static_cast<kind>(done.user_data >> 48)) {
            case kind::accept: accepted(done.res, done.flags); break;
            case kind::receive: received(fd, done.res, done.flags); break;
            case kind::send: sent(fd, buffer, done.res); break;
        }
    }

    void accepted(int fd, unsigned flags) {
        if (fd >= 0) {
            if (static_cast<std::size_t>(fd) >= connections_.size()) {
                connections_.resize(static_cast<std::size_t>(fd) * 2 + 64);
            }
            at(fd) = {};
            receive(fd);
        }
        if ((flags & IORING_CQE_F_MORE) == 0) {
            accept();
        }
    }

    void received(int fd, int size, unsigned flags) {
        const int buffer = static_cast<int>(flags >> IORING_CQE_BUFFER_SHIFT);
        if (size == -ENOBUFS) {
            receive(fd);
            return;
        }
        if (size <= 0) {
            if ((flags & IORING_CQE_F_BUFFER) != 0) {
                give_back(buffer);
            }
            at(fd).hung_up = true;
            close_when_idle(fd);
            return;
        }
        if ((flags & IORING_CQE_F_MORE) == 0) {
            receive(fd);
        }
        out(buffer) = {
            service_.answer(at(fd).state, {memory_of(buffer), static_cast<std::size_t>(size)}),
            none};
        if (out(buffer).unsent.empty()) {
            give_back(buffer);
        } else if (!at(fd).sending) {
            send(fd, buffer);
        } else {
            (at(fd).first == none ? at(fd).first : out(at(fd).last).next) = buffer;
            at(fd).last = buffer;
        }
    }

    void sent(int fd, int buffer, int size) {
        if (size > 0 && static_cast<std::size_t>(size) < out(buffer).unsent.size()) {
            out(buffer).unsent = out(buffer).unsent.subspan(static_cast<std::size_t>(size));
            send(fd, buffer);
            return;
        }
        give_back(buffer);
        at(fd).sending = false;
        while (at(fd).first != none) {
            const int next = at(fd).first;
            at(fd).first = out(next).next;
            if (size > 0) {
                send(fd, next);
                return;
            }
            give_back(next);  // The connection is broken.
        }
        close_when_idle(fd);
    }

    void close_when_idle(int fd) {
        if (at(fd).hung_up && !at(fd).sending) {
            at(fd).hung_up = false;
            ::close(fd);
        }
    }

    void give_back(int buffer) {
        io_uring_buf_ring_add(free_, memory_of(buffer), buffer_bytes,
                              static_cast<unsigned short>(buffer),
                              io_uring_buf_ring_mask(buffers_count), 0);
        io_uring_buf_ring_advance(free_, 1);
    }

    std::byte* memory_of(int buffer) {
        return memory_ + static_cast<std::size_t>(buffer) * buffer_bytes;
    }
    connection& at(int fd) { return connections_[static_cast<std::size_t>(fd)]; }
    outgoing& out(int buffer) { return outgoing_[static_cast<std::size_t>(buffer)]; }

    io_uring& ring_;
    int listener_;
    const bench_service& service_;
    io_uring_buf_ring* free_ = nullptr;
    std::byte* memory_ = nullptr;  // As long as the process.
    std::vector<outgoing> outgoing_;
    std::vector<connection> connections_;
};

}  // namespace

int serve_by_uring_multi(int listener, const bench_service& service,
                         const server_options& options) {
    io_uring ring{};
    if (open_uring(ring, options) == nullptr) {
        return 1;
    }
    return multi_server{ring, listener, service}.run(options.busy_poll);
}

}  // namespace ringway::lab
