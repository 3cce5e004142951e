// What both echo servers begin with: a listening socket on 127.0.0.1.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

/// Listens on the port in `text`, or says how the program is used and ends it.
static inline int listen_on(const char* text, int flags) {
    const long port = text == NULL ? 0 : strtol(text, NULL, 10);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: PROGRAM PORT\n");
        exit(2);
    }
    const int one = 1;
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_port = htons((unsigned short)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));  // Accepted sockets inherit it.
    if (bind(fd, (const struct sockaddr*)&where, sizeof(where)) != 0 || listen(fd, 4096) != 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}
