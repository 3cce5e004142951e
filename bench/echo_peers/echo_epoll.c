// TCP echo on plain epoll, as a yardstick: one thread, level-triggered, 127.0.0.1 only.
// usage: echo_epoll PORT
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

enum { buffer_bytes = 16384, fds_max = 65536, events_max = 512 };

// What a full socket did not take. While there is some, the socket is not read.
static struct unsent {
    char* bytes;
    size_t at, end;
} unsent[fds_max];

static int poller;

static void watch(int operation, int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event) != 0) {
        perror("epoll_ctl");
    }
}

static void hang_up(int fd) {
    free(unsent[fd].bytes);
    unsent[fd] = (struct unsent){0};
    close(fd);
}

static void accept_all(int listener) {
    for (;;) {
        const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        if (fd >= fds_max) {
            close(fd);
        } else {
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        }
    }
}

static void keep(int fd, const char* bytes, size_t size) {
    char* copy = malloc(size);
    if (copy == NULL) {
        hang_up(fd);
        return;
    }
    memcpy(copy, bytes, size);
    unsent[fd] = (struct unsent){.bytes = copy, .end = size};
    watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

static void echo(int fd) {
    static char buffer[buffer_bytes];
    const ssize_t received = recv(fd, buffer, sizeof(buffer), 0);
    if (received <= 0) {
        if (received == 0 || errno != EAGAIN) {
            hang_up(fd);
        }
        return;
    }
    ssize_t sent = send(fd, buffer, (size_t)received, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        hang_up(fd);
        return;
    }
    sent = sent < 0 ? 0 : sent;
    if (sent < received) {
        keep(fd, buffer + sent, (size_t)(received - sent));
    }
}

static void send_rest(int fd) {
    struct unsent* rest = &unsent[fd];
    const ssize_t sent = send(fd, rest->bytes + rest->at, rest->end - rest->at, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) {
            hang_up(fd);
        }
        return;
    }
    rest->at += (size_t)sent;
    if (rest->at == rest->end) {
        free(rest->bytes);
        *rest = (struct unsent){0};
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

int main(int count, char** words) {
    const int listener = listen_on(count == 2 ? words[1] : NULL, SOCK_NONBLOCK);
    poller = epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        struct epoll_event ready[events_max];
        const int known = epoll_wait(poller, ready, events_max, -1);
        for (int i = 0; i < known; i++) {
            const int fd = ready[i].data.fd;
            if (fd == listener) {
                accept_all(fd);
            } else if (unsent[fd].bytes != NULL) {
                send_rest(fd);
            } else {
                echo(fd);
            }
        }
    }
}
