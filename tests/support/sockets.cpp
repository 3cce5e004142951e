#include "support/sockets.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::test {
namespace {

fd_pair connected(int type) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

sockaddr_in name_of_socket(int fd) {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size), 0);
    return name;
}

}  // namespace

fd_pair unix_pair() { return connected(SOCK_STREAM); }

fd_pair datagram_pair() { return connected(SOCK_DGRAM); }

fd_pair pipe_pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

fd_pair tcp_pair() {
    const unique_fd listener = tcp_listener();
    unique_fd far = tcp_socket();
    const sockaddr_in name = name_of_socket(listener.get());
    EXPECT_EQ(::connect(far.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    unique_fd near{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    EXPECT_TRUE(near);
    return {std::move(near), std::move(far)};
}

unique_fd tcp_listener(int backlog) {
    unique_fd listener = tcp_socket();
    sockaddr_in any_port{};
    any_port.sin_family = AF_INET;
    any_port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&any_port), sizeof any_port), 0);
    EXPECT_EQ(::listen(listener.get(), backlog), 0);
    return listener;
}

unique_fd tcp_socket() { return unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

int port_of(int fd) { return ntohs(name_of_socket(fd).sin_port); }

// Not the receive buffers: with a window below one segment TCP crawls by its timers.
void shrink_buffers(const fd_pair& pair) {
    const int least = 1;
    for (const int fd : {pair.near.get(), pair.far.get()}) {
        EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
    }
}

void reset_connection(unique_fd& fd) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    fd.reset();
}

void put(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        ASSERT_GT(written, 0);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string get(int fd, std::size_t size_max) {
    std::string text(size_max, '\0');
    std::size_t size = 0;
    while (size < size_max) {
        const ssize_t count = ::read(fd, text.data() + size, size_max - size);
        if (count <= 0) {
            break;
        }
        size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
}

std::string get_now(int fd) {
    std::string text(1 << 20, '\0');
    const int flags = ::fcntl(fd, F_GETFL);
    ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    const ssize_t count = ::read(fd, text.data(), text.size());
    ::fcntl(fd, F_SETFL, flags);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

std::size_t fill(int fd) {
    static constexpr std::array<char, 4096> block{};
    const int flags = ::fcntl(fd, F_GETFL);
    ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    std::size_t total = 0;
    for (std::size_t size = block.size(); size > 0;) {
        const ssize_t written = ::write(fd, block.data(), size);
        total += written > 0 ? static_cast<std::size_t>(written) : 0;
        size = written > 0 ? size : size / 2;
    }
    ::fcntl(fd, F_SETFL, flags);
    return total;
}

std::string pattern(std::size_t size, unsigned seed) {
    std::string text(size, '\0');
    std::uint32_t state = seed * 2654435761U + 1;
    for (char& byte : text) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24);
    }
    return text;
}

unique_fd file_with(std::string_view text) {
    unique_fd file{::memfd_create("test", MFD_CLOEXEC)};
    EXPECT_TRUE(file);
    put(file.get(), text);
    return file;
}

}  // namespace ringway::test
