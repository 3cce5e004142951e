// Lookups as a database without an event loop does them: a thread for each connection, pread(2).
#include <array>
#include <cerrno>
#include <memory>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/lookup.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

struct conversation {
    int fd;
    const record_file* from;
    lookup_request request;
    lookup_block block;
    std::array<std::byte, 512> received;
};

bool answer_all(conversation& with, byte_view bytes) {
    while (with.request.take(bytes)) {
        const auto number = with.request.number();
        const auto size = ::pread(with.from->fd(), with.block.bytes.data(), lookup_block_bytes,
                                  static_cast<off_t>(with.from->block_of(number)));
        if (size != static_cast<ssize_t>(lookup_block_bytes)) {
            return false;
        }
        const auto record = with.block.record_of(number);
        if (::send(with.fd, record.data(), record.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(record.size())) {
            return false;  // Small ones go whole, unless the peer does not read.
        }
    }
    return true;
}

void* converse(void* argument) {
    const std::unique_ptr<conversation> with{static_cast<conversation*>(argument)};
    for (;;) {
        const auto size = ::read(with->fd, with->received.data(), with->received.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0 ||
            !answer_all(*with, byte_view{with->received}.first(static_cast<std::size_t>(size)))) {
            break;
        }
    }
    ::close(with->fd);
    return nullptr;
}

}  // namespace

int serve_lookups_by_threads(int listener, const record_file& from) {
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
        auto made = std::make_unique<conversation>();
        made->fd = fd;
        made->from = &from;
        pthread_t thread{};
        if (::pthread_create(&thread, &small, converse, made.get()) == 0) {
            static_cast<void>(made.release());  // The thread's own now.
        } else {
            ::close(fd);
        }
    }
}

}  // namespace ringway::lab
