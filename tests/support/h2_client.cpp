#include "support/h2_client.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "support/prefixed_integer.hpp"
#include "support/sockets.hpp"

namespace ringway::test {
namespace h2 {
std::string u16(std::uint16_t value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value)};
}

std::string u32(std::uint32_t value) {
    return u16(static_cast<std::uint16_t>(value >> 16U)) + u16(static_cast<std::uint16_t>(value));
}

std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload,
                  std::optional<std::uint32_t> length) {
    const auto size = length.value_or(static_cast<std::uint32_t>(payload.size()));
    std::string text = u32(size).substr(1);
    text += static_cast<char>(type);
    text += static_cast<char>(flags);
    return text += u32(stream) + std::string{payload};
}

std::string block(const fields& list) {
    std::string text;
    for (const auto& [name, value] : list) {
        text += '\0';
        text += prefixed(0, 7, name.size()) + name + prefixed(0, 7, value.size()) + value;
    }
    return text;
}

fields get(std::string_view path, const fields& more) {
    fields list{
        {":method", "GET"}, {":scheme", "http"}, {":path", std::string{path}}, {":authority", "h"}};
    list.insert(list.end(), more.begin(), more.end());
    return list;
}

std::string request(std::uint32_t stream, const fields& list, int flags) {
    return frame(headers, flags, stream, block(list));
}

std::string setting(std::uint16_t id, std::uint32_t value) { return u16(id) + u32(value); }

std::string ping_frame(std::string_view opaque, int flags) { return frame(ping, flags, 0, opaque); }

}  // namespace h2

std::uint32_t h2_frame::code() const {
    const std::size_t at = type == h2::goaway ? 4 : 0;
    if (payload.size() < at + 4) {
        return 0xffffffff;
    }
    std::uint32_t value = 0;
    for (const char c : payload.substr(at, 4)) {
        value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
}

h2_client::h2_client(int port, std::string_view settings, bool greet, int receive_buffer)
    : fd_{tcp_socket()} {
    if (receive_buffer > 0) {
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    const int one = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    if (greet) {
        send(std::string{h2::preface} + h2::frame(h2::settings, 0, 0, settings));
        EXPECT_TRUE(next_of(h2::settings).has_value());
        send(h2::frame(h2::settings, h2::ack, 0));
        EXPECT_TRUE(next_of(h2::settings).has_value()) << "no acknowledgement";
    }
}

void h2_client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool h2_client::read_to(std::size_t size) {
    constexpr int patience_ms = 5000;
    while (input_.size() < size) {
        pollfd readable{fd_.get(), POLLIN, 0};
        if (::poll(&readable, 1, patience_ms) <= 0) {
            return false;
        }
        std::array<char, 65536> buffer;
        const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return false;
        }
        input_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return true;
}

std::optional<h2_frame> h2_client::next() {
    constexpr std::size_t head_bytes = 9;
    if (!read_to(head_bytes)) {
        return std::nullopt;
    }
    const auto at = [this](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(input_[i])};
    };
    const std::size_t length = at(0) << 16U | at(1) << 8U | at(2);
    if (!read_to(head_bytes + length)) {
        return std::nullopt;
    }
    h2_frame got{.type = static_cast<std::uint8_t>(at(3)),
                 .flags = static_cast<std::uint8_t>(at(4)),
                 .stream = at(5) << 24U | at(6) << 16U | at(7) << 8U | at(8),
                 .payload = input_.substr(head_bytes, length)};
    input_.erase(0, head_bytes + length);
    return got;
}

std::optional<h2_frame> h2_client::next_of(int type, std::optional<std::uint32_t> stream) {
    for (;;) {
        std::optional<h2_frame> got = next();
        if (!got || (got->type == type && (!stream || got->stream == *stream))) {
            return got;
        }
    }
}

std::string h2_client::body_of(std::uint32_t stream) {
    std::string body;
    for (;;) {
        const std::optional<h2_frame> got = next();
        if (!got || (got->stream == stream && got->type == h2::rst_stream)) {
            return body;
        }
        if (got->type == h2::data && !got->payload.empty()) {
            const auto size = static_cast<std::uint32_t>(got->payload.size());
            send(h2::frame(h2::window_update, 0, 0, h2::u32(size)) +
                 h2::frame(h2::window_update, 0, got->stream, h2::u32(size)));
        }
        if (got->stream != stream) {
            continue;
        }
        if (got->type == h2::data) {
            body += got->payload;
        }
        if ((got->type == h2::data || got->type == h2::headers) && got->has(h2::end_stream)) {
            return body;
        }
    }
}

bool h2_client::answers_ping() {
    send(h2::ping_frame("are you?"));
    for (;;) {
        const std::optional<h2_frame> got = next();
        if (!got) {
            return false;
        }
        if (got->type == h2::ping && got->has(h2::ack) && got->payload == "are you?") {
            return true;
        }
    }
}

bool h2_client::ends() {
    for (;;) {
        input_.clear();
        pollfd readable{fd_.get(), POLLIN, 0};
        if (::poll(&readable, 1, 5000) <= 0) {
            return false;
        }
        std::array<char, 65536> buffer;
        if (::recv(fd_.get(), buffer.data(), buffer.size(), 0) <= 0) {
            return true;
        }
    }
}

}  // namespace ringway::test
