// A load of TCP echo: each connection sends a message when the one before has come back whole, and
// every byte that comes back is checked. One thread, epoll, 127.0.0.1.
// usage: echo_load PORT CONNECTIONS BYTES SECONDS       prints one JSON object
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { events_max = 512, message_bytes_max = 1 << 20 };

struct connection {
    int fd;
    size_t sent, received;  // Of the message under way.
    uint64_t begun_ns;
};

static char message[message_bytes_max];
static size_t message_bytes;
static int poller;
static uint64_t failures;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// ---- Latencies: 32 buckets for each power of two, so a percentile is at most 3 % off. ----

enum { steps_bits = 5, steps = 1 << steps_bits, buckets = (64 - steps_bits + 1) * steps };
static uint64_t histogram[buckets];
static uint64_t messages;

static void record(uint64_t ns) {
    const unsigned power = ns < steps ? 0 : 64 - steps_bits - 1 - (unsigned)__builtin_clzll(ns) + 1;
    const uint64_t step = power == 0 ? ns : (ns >> (power - 1)) - steps;
    histogram[power * steps + step]++;
    messages++;
}

static double percentile_us(double share) {
    const uint64_t rank = (uint64_t)((double)messages * share);
    uint64_t below = 0;
    for (unsigned i = 0; i < buckets; i++) {
        below += histogram[i];
        if (below > rank) {
            const unsigned power = i / steps;
            const uint64_t step = i % steps;
            return (double)(power == 0 ? step : (step + steps) << (power - 1)) / 1e3;
        }
    }
    return 0;
}

// ---- Connections ----

static void fail(struct connection* which) {
    failures++;
    close(which->fd);
    which->fd = -1;
}

static void watch(struct connection* which, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = which};
    if (epoll_ctl(poller, operation, which->fd, &event) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

// Sends what is left of the message. A full socket buffer is waited for; small messages never
// fill it.
static void send_rest(struct connection* which) {
    const int waited = which->sent > 0;
    const ssize_t sent =
        send(which->fd, message + which->sent, message_bytes - which->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail(which);
        return;
    }
    which->sent += sent < 0 ? 0 : (size_t)sent;
    if (which->sent < message_bytes) {
        watch(which, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    } else if (waited) {
        watch(which, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void begin_message(struct connection* which) {
    which->sent = which->received = 0;
    which->begun_ns = now_ns();
    send_rest(which);
}

static void receive(struct connection* which) {
    static char buffer[65536];
    const size_t left = message_bytes - which->received;
    const ssize_t got = recv(which->fd, buffer, left < sizeof(buffer) ? left : sizeof(buffer), 0);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got <= 0) {
        fail(which);
        return;
    }
    if (memcmp(buffer, message + which->received, (size_t)got) != 0) {
        fprintf(stderr, "a wrong byte came back\n");
        exit(3);
    }
    which->received += (size_t)got;
    if (which->received == message_bytes) {
        record(now_ns() - which->begun_ns);
        begin_message(which);
    }
}

static void open_connection(struct connection* which, long port) {
    const int one = 1;
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_port = htons((unsigned short)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    which->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (which->fd < 0 || connect(which->fd, (const struct sockaddr*)&where, sizeof(where)) != 0) {
        perror("connect");
        exit(1);
    }
    setsockopt(which->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

// All are connected before the first sends.
static void open_all(struct connection* all, long count, long port) {
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (long i = 0; i < count; i++) {
        open_connection(&all[i], port);
        watch(&all[i], EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void run_until(uint64_t end_ns) {
    while (now_ns() < end_ns) {
        struct epoll_event ready[events_max];
        const int known = epoll_wait(poller, ready, events_max, 100);
        for (int i = 0; i < known; i++) {
            struct connection* which = ready[i].data.ptr;
            if ((ready[i].events & EPOLLOUT) != 0) {
                send_rest(which);
            }
            if (which->fd >= 0 && (ready[i].events & ~(unsigned)EPOLLOUT) != 0) {
                receive(which);
            }
        }
    }
}

int main(int count, char** words) {
    const long port = count == 5 ? strtol(words[1], NULL, 10) : 0;
    const long connections = count == 5 ? strtol(words[2], NULL, 10) : 0;
    const long bytes = count == 5 ? strtol(words[3], NULL, 10) : 0;
    const double seconds = count == 5 ? strtod(words[4], NULL) : 0;
    if (port < 1 || port > 65535 || connections < 1 || bytes < 1 || bytes > message_bytes_max ||
        seconds <= 0) {
        fprintf(stderr, "usage: echo_load PORT CONNECTIONS BYTES SECONDS\n");
        return 2;
    }
    message_bytes = (size_t)bytes;
    for (size_t i = 0; i < message_bytes; i++) {
        message[i] = (char)(i * 131 + i / 251);
    }
    struct connection* all = calloc((size_t)connections, sizeof(*all));
    open_all(all, connections, port);
    const uint64_t begin_ns = now_ns();
    for (long i = 0; i < connections; i++) {
        begin_message(&all[i]);
    }
    run_until(begin_ns + (uint64_t)(seconds * 1e9));
    const double took_s = (double)(now_ns() - begin_ns) / 1e9;
    printf(
        "{\"messages\": %llu, \"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
        "\"failures\": %llu}\n",
        (unsigned long long)messages, (double)messages / took_s, percentile_us(0.5),
        percentile_us(0.99), (unsigned long long)failures);
    return 0;
}
