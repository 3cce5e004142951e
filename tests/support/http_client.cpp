#include "support/http_client.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

#include <gtest/gtest.h>

#include "support/patience.hpp"

namespace ringway::test {
namespace {

unique_fd connect_to(const sockaddr* address, socklen_t size, int receive_buffer) {
    unique_fd socket{::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (receive_buffer > 0) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    return ::connect(socket.get(), address, size) == 0 ? std::move(socket) : unique_fd{};
}

// The values of the fields called `name`, in the order of the head.
std::string values_of(std::string_view head, std::string_view name, std::size_t& count) {
    std::string first;
    count = 0;
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos && at + 2 < head.size()) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        at = head.find("\r\n", at + 2);
        const auto colon = line.find(':');
        if (colon == name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0 &&
            count++ == 0) {
            const auto value = line.find_first_not_of(' ', colon + 1);
            first = value == std::string_view::npos ? std::string_view{} : line.substr(value);
        }
    }
    return first;
}

template <class Number>
Number number_in(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::string http_response::field(std::string_view name) const {
    std::size_t ignored = 0;
    return values_of(head, name, ignored);
}

bool http_response::has(std::string_view name) const { return count(name) > 0; }

std::size_t http_response::count(std::string_view name) const {
    std::size_t found = 0;
    values_of(head, name, found);
    return found;
}

std::string request_text(std::string_view method, std::string_view target,
                         std::string_view fields) {
    std::string text{method};
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    return text.append(fields).append("\r\n");
}

unique_fd connect_to_port(int port, int receive_buffer) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, receive_buffer);
}

http_client::http_client(int port, int receive_buffer)
    : http_client{connect_to_port(port, receive_buffer)} {}

http_client::http_client(unique_fd socket) : socket_{std::move(socket)} {
    EXPECT_TRUE(socket_) << "nobody listens there";
}

http_client http_client::on_unix_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return http_client{connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, 0)};
}

void http_client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            return;  // The server has gone; what it said before can still be read.
        }
        if (sent < 0 && !wait_for(fd(), POLLOUT)) {
            ADD_FAILURE() << "the server does not take what is sent";
            return;
        }
        bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
}

void http_client::end_sending() const { ::shutdown(fd(), SHUT_WR); }

// Adds what has come to `received_`. False when nothing more comes.
bool http_client::receive_some(bool wait) {
    std::array<char, 65536> piece;
    while (!ended_) {
        const ssize_t size = ::recv(fd(), piece.data(), piece.size(), MSG_DONTWAIT);
        if (size > 0) {
            received_.append(piece.data(), static_cast<std::size_t>(size));
            return true;
        }
        if (size < 0 && errno == EAGAIN) {
            if (!wait) {
                return false;
            }
            if (!wait_for(fd(), POLLIN)) {
                ADD_FAILURE() << "nothing comes from the server; so far:\n"
                              << received_.substr(0, 500);
                return false;
            }
            continue;
        }
        ended_ = true;
        reset_ = size < 0;
    }
    return false;
}

std::string http_client::take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, taken.size());
    return taken;
}

http_response http_client::receive(bool to_head) {
    http_response response;
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive_some(true)) {
            return response;
        }
    }
    response.head = take(end + 4);
    response.status = response.head.starts_with("HTTP/1.1 ")
                          ? number_in<int>(std::string_view{response.head}.substr(9))
                          : 0;
    const bool has_body = !to_head && response.status != 304 && response.status >= 200;
    const auto length =
        has_body ? number_in<std::size_t>(response.field("Content-Length")) : std::size_t{0};
    response.body = receive_bytes(length);
    response.complete = response.body.size() == length;
    return response;
}

http_response http_client::ask(std::string_view method, std::string_view target,
                               std::string_view fields) {
    send(request_text(method, target, fields));
    return receive(method == "HEAD");
}

std::string http_client::receive_bytes(std::size_t size) {
    while (received_.size() < size && receive_some(true)) {
    }
    return take(size);
}

std::string http_client::receive_to_the_end() {
    while (receive_some(true)) {
    }
    EXPECT_TRUE(ended_) << "the connection does not end";
    return take(received_.size());
}

bool http_client::has_ended_by_now() {
    while (receive_some(false)) {
    }
    return ended_;
}

}  // namespace ringway::test
