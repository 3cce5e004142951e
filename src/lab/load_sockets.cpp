#include "lab/load_sockets.hpp"

#include <cerrno>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

constexpr unsigned own_descriptors = 64;  // For everything else that a process has open.

outcome<void> make_room(unsigned count) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < count + own_descriptors) {
        return std::unexpected{
            fmt::format("{} connections need {} descriptors, {} are allowed: raise ulimit -n",
                        count, count + own_descriptors, limit.rlim_max)};
    }
    return {};
}

sockaddr_in address(std::uint32_t host, std::uint16_t port) {
    return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(host)}};
}

template <class Value>
void set(int fd, int level, int name, const Value& value) {
    ::setsockopt(fd, level, name, &value, sizeof value);
}

unique_fd connect_one(std::uint16_t port, unsigned number) {
    unique_fd made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!made) {
        return made;
    }
    set(made.get(), SOL_TCP, TCP_NODELAY, 1);
    set(made.get(), SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
    set(made.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const auto from = address(INADDR_LOOPBACK + 1 + number / connections_per_address, 0);
    const auto to = address(INADDR_LOOPBACK, port);
    const bool done =
        ::bind(made.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
        ::connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    return done ? std::move(made) : unique_fd{};
}

}  // namespace

outcome<std::vector<unique_fd>> open_load_sockets(std::uint16_t port, unsigned count) {
    if (const auto room = make_room(count); !room) {
        return std::unexpected{room.error()};
    }
    std::vector<unique_fd> all;
    all.reserve(count);
    for (unsigned i = 0; i < count; ++i) {
        all.push_back(connect_one(port, i));
        if (!all.back()) {
            return std::unexpected{fmt::format("can't make connection {} of {}: {}", i + 1, count,
                                               describe(error_from_errno(errno)))};
        }
    }
    return all;
}

}  // namespace ringway::lab
