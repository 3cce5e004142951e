// Datagrams by UDP sockets.
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

#include "lab/datagram_load.hpp"
#include "lab/veth_pair.hpp"

namespace ringway::lab {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t batch_max = datagram_depth_max;

sockaddr_in address_of(const char* host, std::uint16_t port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(port);
    ::inet_pton(AF_INET, host, &made.sin_addr);
    return made;
}

std::string failure(std::string_view what) {
    return fmt::format("{}: {}", what, describe(error_from_errno(errno)));
}

// Room for a batch of datagrams, their lengths and the addresses that they came from.
struct mail {
    std::array<datagram, batch_max> content;
    std::array<sockaddr_in, batch_max> from;
    std::array<iovec, batch_max> parts;
    std::array<mmsghdr, batch_max> headers;

    // `named`: with addresses, as of a socket that is not connected.
    explicit mail(bool named) noexcept {
        for (std::size_t i = 0; i < batch_max; ++i) {
            parts[i] = {.iov_base = content[i].data(), .iov_len = datagram_bytes};
            headers[i] = {};
            headers[i].msg_hdr.msg_iov = &parts[i];
            headers[i].msg_hdr.msg_iovlen = 1;
            if (named) {
                headers[i].msg_hdr.msg_name = &from[i];
                headers[i].msg_hdr.msg_namelen = sizeof from[i];
            }
        }
    }
};

void echo_one_by_one(int fd, int flags) {
    datagram content{};
    for (;;) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* const who = reinterpret_cast<sockaddr*>(&from);
        const auto got = ::recvfrom(fd, content.data(), content.size(), flags, who, &size);
        if (got > 0) {
            ::sendto(fd, content.data(), static_cast<std::size_t>(got), 0, who, size);
        }
    }
}

void echo_batches(int fd) {
    mail all{true};
    for (;;) {
        const int count = ::recvmmsg(fd, all.headers.data(), batch_max, MSG_DONTWAIT, nullptr);
        for (int sent = 0; sent < count;) {
            const int now =
                ::sendmmsg(fd, all.headers.data() + sent, static_cast<unsigned>(count - sent), 0);
            sent += now > 0 ? now : 1;
        }
    }
}

class udp_client : public datagram_client {
public:
    udp_client(unique_fd fd, datagram_way way) noexcept : fd_{std::move(fd)}, way_{way} {}

    void send(std::uint32_t first, unsigned count) override {
        for (unsigned i = 0; i < count; ++i) {
            out_.content[i] = datagram_of(first + i);
            if (way_ != datagram_way::udp_batches) {
                ::send(fd_.get(), out_.content[i].data(), datagram_bytes, 0);
            }
        }
        if (way_ == datagram_way::udp_batches) {
            ::sendmmsg(fd_.get(), out_.headers.data(), count, 0);
        }
    }

    std::size_t receive(std::span<std::uint32_t> numbers) override {
        if (way_ == datagram_way::udp) {  // Its time limit is the socket's.
            return receive_one(numbers, 0);
        }
        const auto deadline = clock::now() + patience;
        do {
            const auto count = way_ == datagram_way::udp_batches
                                   ? receive_batch(numbers)
                                   : receive_one(numbers, MSG_DONTWAIT);
            if (count > 0) {
                return count;
            }
        } while (clock::now() < deadline);
        return 0;
    }

private:
    std::size_t receive_one(std::span<std::uint32_t> numbers, int flags) {
        auto& content = in_.content[0];
        const auto size = ::recv(fd_.get(), content.data(), content.size(), flags);
        return size > 0 ? take(numbers, 0, content, static_cast<std::size_t>(size)) : 0;
    }

    std::size_t receive_batch(std::span<std::uint32_t> numbers) {
        const int got = ::recvmmsg(fd_.get(), in_.headers.data(), batch_max, MSG_DONTWAIT, nullptr);
        std::size_t count = 0;
        for (int i = 0; i < got; ++i) {
            const auto at = static_cast<std::size_t>(i);
            count += take(numbers, count, in_.content[at], in_.headers[at].msg_len);
        }
        return count;
    }

    static std::size_t take(std::span<std::uint32_t> numbers, std::size_t at,
                            const datagram& content, std::size_t size) {
        const auto number = number_of(std::span{content}.first(size));
        if (number && at < numbers.size()) {
            numbers[at] = *number;
            return 1;
        }
        return 0;
    }

    unique_fd fd_;
    datagram_way way_;
    mail in_{false};
    mail out_{false};
};

}  // namespace

std::string serve_udp_datagrams(datagram_way way, const std::function<void()>& ready) {
    const unique_fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto here = address_of(veth_server_address, datagram_port);
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
        return failure("no UDP socket");
    }
    ready();
    if (way == datagram_way::udp_batches) {
        echo_batches(fd.get());
    } else {
        echo_one_by_one(fd.get(), way == datagram_way::udp ? 0 : MSG_DONTWAIT);
    }
    return "";
}

outcome<std::unique_ptr<datagram_client>> make_udp_client(datagram_way way) {
    unique_fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto there = address_of(veth_server_address, datagram_port);
    const timeval limit{.tv_sec = 0, .tv_usec = datagram_client::patience.count() * 1000};
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0 ||
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
        return std::unexpected{failure("no UDP socket")};
    }
    return std::make_unique<udp_client>(std::move(fd), way);
}

}  // namespace ringway::lab
