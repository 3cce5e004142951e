// A load of TCP on 127.0.0.1 that costs the same every time: both ends in one thread, so that the
// processor time of this process is all that connections or segments cost.
// usage: tcp_load connections|segments N       prints nanoseconds of processor time for each
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { segment_bytes = 64, in_flight = 64 };

static void die(const char* what) {
    perror(what);
    exit(1);
}

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int listen_here(struct sockaddr_in* where) {
    socklen_t size = sizeof *where;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    *where = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr*)where, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr*)where, &size) != 0) {
        die("listen");
    }
    return fd;
}

static void make_pair(int listener, const struct sockaddr_in* where, int pair[2]) {
    const int on = 1;
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (pair[0] < 0 || connect(pair[0], (const struct sockaddr*)where, sizeof *where) != 0) {
        die("connect");
    }
    pair[1] = accept(listener, NULL, NULL);
    if (pair[1] < 0) {
        die("accept");
    }
    setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// The end is a reset: thousands of connections that wait in TIME_WAIT would be found again by every
// connect, more of them in every round.
static void connect_and_close(int listener, const struct sockaddr_in* where) {
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int pair[2];
    make_pair(listener, where, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(pair[0]);
    close(pair[1]);
}

static void send_segments(const int pair[2], long count) {
    char buffer[segment_bytes * in_flight] = {0};
    for (long sent = 0; sent < count; sent += in_flight) {
        for (int i = 0; i < in_flight; ++i) {
            if (send(pair[0], buffer, segment_bytes, 0) != segment_bytes) {
                die("send");
            }
        }
        for (int left = sizeof buffer; left > 0;) {
            const ssize_t got = recv(pair[1], buffer, (size_t)left, 0);
            if (got <= 0) {
                die("recv");
            }
            left -= (int)got;
        }
    }
}

int main(int count, char** arguments) {
    if (count != 3 || atol(arguments[2]) <= 0) {
        fputs("usage: tcp_load connections|segments N\n", stderr);
        return 2;
    }
    const long wanted = atol(arguments[2]) / in_flight * in_flight + in_flight;
    struct sockaddr_in where;
    const int listener = listen_here(&where);
    int pair[2];
    make_pair(listener, &where, pair);
    const int connections = strcmp(arguments[1], "connections") == 0;
    double begin = 0;
    for (int warm = 1; warm >= 0; --warm) {
        const long rounds = warm ? wanted / 10 + in_flight : wanted;
        begin = now_ns();
        if (!connections) {
            send_segments(pair, rounds);
        }
        for (long i = 0; connections && i < rounds; ++i) {
            connect_and_close(listener, &where);
        }
    }
    printf("%.1f\n", (now_ns() - begin) / (double)wanted);
    return 0;
}
