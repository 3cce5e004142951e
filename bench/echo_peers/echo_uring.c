// TCP echo on liburing alone, as a yardstick: one thread, multishot accept and receive, one ring of
// buffers, 127.0.0.1 only. With a file it sends what that holds for each receive, without a look at
// what came: the floor under an HTTP server whose requests come one at a time.
// usage: echo_uring PORT [REPLY-FILE]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"

enum { buffers_count = 4096, buffer_bytes = 16384, fds_max = 65536, none = -1 };
enum kind { kind_accept, kind_receive, kind_send, kind_close };

static struct io_uring ring;
static struct io_uring_buf_ring* free_buffers;
static char (*buffers)[buffer_bytes];
static int listener;
static char reply[buffer_bytes];
static int reply_size;  // 0: what came is the reply.

// Bytes of a buffer on their way back, and the buffer to be sent after it.
static struct {
    int at, end, next;
} outgoing[buffers_count];

// One send at a time for each socket keeps the bytes in order; other buffers queue up.
static struct {
    int sending, hung_up, first, last;
} sockets[fds_max];

static struct io_uring_sqe* entry(void) {
    struct io_uring_sqe* sqe = io_uring_get_sqe(&ring);
    if (sqe == NULL) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    return sqe;
}

static void tag(struct io_uring_sqe* sqe, enum kind what, int fd, int buffer) {
    sqe->user_data = (uint64_t)what << 48 | (uint64_t)buffer << 32 | (uint32_t)fd;
}

static void start_accept(void) {
    struct io_uring_sqe* sqe = entry();
    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    tag(sqe, kind_accept, 0, 0);
}

static void start_receive(int fd) {
    struct io_uring_sqe* sqe = entry();
    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    tag(sqe, kind_receive, fd, 0);
}

static void start_send(int fd, int buffer) {
    struct io_uring_sqe* sqe = entry();
    const char* from = reply_size > 0 ? reply : buffers[buffer];
    io_uring_prep_send(sqe, fd, from + outgoing[buffer].at,
                       (size_t)(outgoing[buffer].end - outgoing[buffer].at),
                       MSG_WAITALL | MSG_NOSIGNAL);
    tag(sqe, kind_send, fd, buffer);
    sockets[fd].sending = 1;
}

static void give_back(int buffer) {
    io_uring_buf_ring_add(free_buffers, buffers[buffer], buffer_bytes, (unsigned short)buffer,
                          buffers_count - 1, 0);
    io_uring_buf_ring_advance(free_buffers, 1);
}

static void close_when_idle(int fd) {
    if (sockets[fd].hung_up && !sockets[fd].sending) {
        struct io_uring_sqe* sqe = entry();
        sockets[fd].hung_up = 0;
        io_uring_prep_close(sqe, fd);
        tag(sqe, kind_close, fd, 0);
    }
}

static void accepted(int fd, unsigned flags) {
    if (fd >= fds_max) {
        close(fd);
    } else if (fd >= 0) {
        sockets[fd].sending = sockets[fd].hung_up = 0;
        sockets[fd].first = sockets[fd].last = none;
        start_receive(fd);
    }
    if ((flags & IORING_CQE_F_MORE) == 0) {
        start_accept();
    }
}

static void received(int fd, int size, unsigned flags) {
    const int buffer = (int)(flags >> IORING_CQE_BUFFER_SHIFT);
    if (size == -ENOBUFS) {
        start_receive(fd);
        return;
    }
    if (size <= 0) {
        if ((flags & IORING_CQE_F_BUFFER) != 0) {
            give_back(buffer);
        }
        sockets[fd].hung_up = 1;
        close_when_idle(fd);
        return;
    }
    outgoing[buffer].at = 0;
    outgoing[buffer].end = reply_size > 0 ? reply_size : size;
    outgoing[buffer].next = none;
    if (!sockets[fd].sending) {
        start_send(fd, buffer);
    } else if (sockets[fd].first == none) {
        sockets[fd].first = sockets[fd].last = buffer;
    } else {
        outgoing[sockets[fd].last].next = buffer;
        sockets[fd].last = buffer;
    }
    if ((flags & IORING_CQE_F_MORE) == 0) {
        start_receive(fd);
    }
}

static void sent(int fd, int buffer, int size) {
    if (size > 0 && outgoing[buffer].at + size < outgoing[buffer].end) {
        outgoing[buffer].at += size;
        start_send(fd, buffer);
        return;
    }
    give_back(buffer);
    sockets[fd].sending = 0;
    int next = sockets[fd].first;
    if (next != none && size > 0) {
        sockets[fd].first = outgoing[next].next;
        start_send(fd, next);
        return;
    }
    while (next != none) {  // The connection is broken.
        sockets[fd].first = outgoing[next].next;
        give_back(next);
        next = sockets[fd].first;
    }
    close_when_idle(fd);
}

static void need(int outcome, const char* what) {
    if (outcome < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(-outcome));
        exit(1);
    }
}

static void set_up(void) {
    struct io_uring_params wanted = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                                              IORING_SETUP_CQSIZE,
                                     .cq_entries = 16384};
    need(io_uring_queue_init_params(4096, &ring, &wanted), "io_uring");
    io_uring_register_ring_fd(&ring);
    int outcome = 0;
    free_buffers = io_uring_setup_buf_ring(&ring, buffers_count, 0, 0, &outcome);
    need(outcome, "buffer ring");
    buffers = aligned_alloc(4096, sizeof(*buffers) * buffers_count);
    for (int i = 0; i < buffers_count; i++) {
        give_back(i);
    }
}

static void dispatch(const struct io_uring_cqe* cqe) {
    const int fd = (int)(uint32_t)cqe->user_data;
    const int buffer = (int)(cqe->user_data >> 32 & 0xffff);
    switch ((enum kind)(cqe->user_data >> 48)) {
        case kind_accept: accepted(cqe->res, cqe->flags); break;
        case kind_receive: received(fd, cqe->res, cqe->flags); break;
        case kind_send: sent(fd, buffer, cqe->res); break;
        case kind_close: break;
    }
}

static void read_reply(const char* path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? -1 : read(file, reply, sizeof(reply));
    need(size < 0 ? -errno : 0, path);
    close(file);
    reply_size = (int)size;
}

int main(int count, char** words) {
    listener = listen_on(count == 2 || count == 3 ? words[1] : NULL, 0);
    if (count == 3) {
        read_reply(words[2]);
    }
    set_up();
    start_accept();
    for (;;) {
        const int outcome = io_uring_submit_and_wait(&ring, 1);
        if (outcome != -EINTR && outcome != -EBUSY) {
            need(outcome, "wait");
        }
        struct io_uring_cqe* cqe;
        unsigned head;
        unsigned seen = 0;
        io_uring_for_each_cqe(&ring, head, cqe) {
            dispatch(cqe);
            seen++;
        }
        io_uring_cq_advance(&ring, seen);
    }
}
