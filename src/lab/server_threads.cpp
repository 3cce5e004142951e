// The oldest way: a thread for each connection, blocking calls.
#include <array>
#include <cerrno>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/bench_server.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;
constexpr std::size_t buffer_bytes = 64 * 1024;

struct conversation {
    int fd;
    const bench_service* service;
};

bool write_all(int fd, byte_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        bytes = bytes.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    return true;
}

void* converse(void* argument) {
    auto* const with = static_cast<conversation*>(argument);
    std::array<std::byte, buffer_bytes> buffer;
    unsigned state = 0;
    for (;;) {
        const auto size = ::read(with->fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        const bool ended =
            size <= 0 ||
            !write_all(with->fd, with->service->answer(state, byte_view{buffer}.first(
                                                                  static_cast<std::size_t>(size))));
        if (ended) {
            break;
        }
    }
    ::close(with->fd);
    delete with;
    return nullptr;
}

}  // namespace

int serve_by_threads(int listener, const bench_service& service) {
    pthread_attr_t small;
    ::pthread_attr_init(&small);
    ::pthread_attr_setstacksize(&small, stack_bytes);
    ::pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            return 1;
        }
        auto* const made = new conversation{fd, &service};
        pthread_t thread{};
        if (::pthread_create(&thread, &small, converse, made) != 0) {
            ::close(fd);
            delete made;
        }
    }
}

}  // namespace ringway::lab
