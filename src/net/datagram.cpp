#include <ringway/net/datagram.hpp>

#include <cerrno>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>

#include "net/control_messages.hpp"

namespace ringway {
namespace {

bool set(int fd, int level, int option, int value) noexcept {
    return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

// Options of IPv4 count for an IPv6 socket too, as far as IPv4 reaches it.
bool set_up_ip(int fd, const endpoint& where, const datagram_options& options) noexcept {
    const bool v6 = where.family() == AF_INET6;
    if (v6 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, where.is_every_address() ? 0 : 1)) {
        return false;
    }
    if (options.with_facts &&
        (!set(fd, IPPROTO_IP, IP_PKTINFO, 1) || !set(fd, IPPROTO_IP, IP_RECVTOS, 1) ||
         (v6 && (!set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) ||
                 !set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1))))) {
        return false;
    }
    return !options.dont_fragment ||
           (set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE) &&
            (!v6 || set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)));
}

// With CAP_NET_ADMIN the system's limits don't count.
bool set_buffers(int fd, const datagram_options& options) noexcept {
    const auto grant = [fd](int bytes, int forced, int limited) {
        return bytes == 0 || set(fd, SOL_SOCKET, forced, bytes) ||
               set(fd, SOL_SOCKET, limited, bytes);
    };
    return grant(options.receive_bytes, SO_RCVBUFFORCE, SO_RCVBUF) &&
           grant(options.send_bytes, SO_SNDBUFFORCE, SO_SNDBUF);
}

bool set_up(int fd, const endpoint& where, const datagram_options& options) noexcept {
    return set_up_ip(fd, where, options) && set_buffers(fd, options) &&
           (!options.reuse_port || set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           (!options.coalesce || set(fd, IPPROTO_UDP, UDP_GRO, 1)) &&
           (!options.count_drops || set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1));
}

result<unique_fd> open_bound(const endpoint& where, const datagram_options& options,
                             int flags) noexcept {
    if (!where.is_ip()) {
        return fail_errno(EAFNOSUPPORT);
    }
    unique_fd made{::socket(where.family(), SOCK_DGRAM | SOCK_CLOEXEC | flags, 0)};
    if (!made || !set_up(made.get(), where, options) ||
        ::bind(made.get(), where.address(), where.size()) != 0) {
        return fail_errno(errno);
    }
    return made;
}

// A message to receive into, with all that belongs to it.
struct incoming {
    explicit incoming(byte_span into) noexcept : part{into.data(), into.size()} {
        header.msg_name = &from;
        header.msg_namelen = sizeof(from);
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        control.attach(header);
    }
    incoming(const incoming&) = delete;
    incoming& operator=(const incoming&) = delete;

    [[nodiscard]] received_datagram read(std::size_t bytes) const noexcept {
        received_datagram received;
        received.bytes = bytes;
        received.segment = bytes;
        received.truncated = (header.msg_flags & MSG_TRUNC) != 0;
        if (auto sender =
                endpoint::from(reinterpret_cast<const sockaddr*>(&from), header.msg_namelen)) {
            received.from = *sender;
        }
        control_messages::read(header, received);
        return received;
    }

    sockaddr_storage from{};
    iovec part;
    control_messages control;
    msghdr header{};
};

struct outgoing {
    outgoing(byte_view bytes, const datagram_target& target, int family) noexcept
        : part{const_cast<std::byte*>(bytes.data()), bytes.size()} {  // sendmsg(2) only reads it.
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        if (target.to != nullptr) {
            header.msg_name = const_cast<sockaddr*>(target.to->address());
            header.msg_namelen = target.to->size();
        }
        control.write(header, target, family);
    }
    outgoing(const outgoing&) = delete;
    outgoing& operator=(const outgoing&) = delete;

    iovec part;
    control_messages control;
    msghdr header{};
};

operation message_operation(op_kind kind, int fd, msghdr& header) noexcept {
    operation op;
    op.kind = kind;
    op.fd = fd;
    op.address = &header;
    return op;
}

}  // namespace

result<datagram_socket> datagram_socket::open(const endpoint& where,
                                              const datagram_options& options) noexcept {
    auto made = open_bound(where, options, driver::current().socket_flags());
    if (!made) {
        return std::unexpected{made.error()};
    }
    return datagram_socket{made->release(), where.family()};
}

result<unique_fd> datagram_socket::bind(const endpoint& where,
                                        const datagram_options& options) noexcept {
    return open_bound(where, options, SOCK_NONBLOCK);
}

datagram_socket datagram_socket::adopt(unique_fd bound) noexcept {
    const auto where = local_endpoint(bound.get());
    RW_ASSERT(where && where->is_ip());
    return datagram_socket{bound.release(), where->family()};
}

datagram_socket::datagram_socket(datagram_socket&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, family_{other.family_} {
    RW_ASSERT(other.in_flight_ == 0);
}

result<void> datagram_socket::connect(const endpoint& peer) noexcept {
    if (::connect(fd_, peer.address(), peer.size()) != 0) {
        return fail_errno(errno);
    }
    return {};
}

task<result<received_datagram>> datagram_socket::receive(byte_span into) {
    incoming message{into};
    ++in_flight_;
    const completion done =
        co_await await_operation{message_operation(op_kind::recvmsg, fd_, message.header)};
    --in_flight_;
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    co_return message.read(static_cast<std::size_t>(done.result));
}

result<received_datagram> datagram_socket::receive_now(byte_span into) noexcept {
    incoming message{into};
    const ssize_t received = ::recvmsg(fd_, &message.header, MSG_DONTWAIT);
    if (received < 0) {
        return fail_errno(errno);
    }
    return message.read(static_cast<std::size_t>(received));
}

task<result<std::size_t>> datagram_socket::send(byte_view bytes, datagram_target target) {
    outgoing message{bytes, target, family_};
    ++in_flight_;
    const completion done =
        co_await await_operation{message_operation(op_kind::sendmsg, fd_, message.header)};
    --in_flight_;
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    co_return static_cast<std::size_t>(done.result);
}

result<std::size_t> datagram_socket::send_now(byte_view bytes,
                                              const datagram_target& target) noexcept {
    const outgoing message{bytes, target, family_};
    const ssize_t sent = ::sendmsg(fd_, &message.header, MSG_DONTWAIT);
    if (sent < 0) {
        return fail_errno(errno);
    }
    return static_cast<std::size_t>(sent);
}

task<result<void>> datagram_socket::wait_for(std::uint32_t events) {
    operation op;
    op.kind = op_kind::poll;
    op.fd = fd_;
    op.flags = events;
    ++in_flight_;
    const completion done = co_await await_operation{op};
    --in_flight_;
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    co_return result<void>{};
}

task<result<void>> datagram_socket::readable() { return wait_for(POLLIN); }
task<result<void>> datagram_socket::writable() { return wait_for(POLLOUT); }

std::size_t datagram_socket::receive_buffer_bytes() const noexcept {
    int bytes = 0;
    socklen_t size = sizeof(bytes);
    if (::getsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, &size) != 0) {
        return 0;
    }
    return static_cast<std::size_t>(bytes) / 2;  // The kernel doubles it for its own needs.
}

void datagram_socket::close() noexcept {
    RW_ASSERT(in_flight_ == 0);
    if (fd_ >= 0) {
        driver::current().close_now(std::exchange(fd_, -1));
    }
}

}  // namespace ringway
