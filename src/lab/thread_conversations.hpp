// The loop of servers with a thread for each connection, and blocking calls.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/bytes.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::lab {

/// Sends all of it, however often that takes; false if the peer is gone.
[[nodiscard]] bool send_all(int fd, byte_view bytes) noexcept;

/// A connection and what is said on it, which is the thread's own.
template <class Conversation>
struct threaded_connection {
    unique_fd fd;
    Conversation conversation;

    static void* run(void* self) {
        const std::unique_ptr<threaded_connection> one{static_cast<threaded_connection*>(self)};
        const auto room = one->conversation.room();
        for (;;) {
            const auto size = ::read(one->fd.get(), room.data(), room.size());
            if (size < 0 && errno == EINTR) {
                continue;
            }
            if (size <= 0 ||
                !one->conversation.take(one->fd.get(), static_cast<std::size_t>(size))) {
                return nullptr;
            }
        }
    }
};

/// Serves until no more connections can be accepted. A `Conversation` is made of the service and
/// has
///   - `std::span<std::byte> room()`: where input goes, always the same;
///   - `bool take(int fd, std::size_t size)`: answers so much of it; false if the connection is
///     over.
template <class Conversation, class Service>
int serve_thread_conversations(int listener, const Service& service) {
    constexpr std::size_t stack_bytes = 256 * 1024;
    pthread_attr_t small;
    ::pthread_attr_init(&small);
    ::pthread_attr_setstacksize(&small, stack_bytes);
    ::pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        unique_fd fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
        if (!fd) {
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            return 1;
        }
        using connection = threaded_connection<Conversation>;
        auto made =
            std::unique_ptr<connection>{new connection{std::move(fd), Conversation{service}}};
        pthread_t thread{};
        if (::pthread_create(&thread, &small, connection::run, made.get()) == 0) {
            static_cast<void>(made.release());  // The thread's own now.
        }
    }
}

}  // namespace ringway::lab
