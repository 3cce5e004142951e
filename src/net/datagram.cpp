#include <ringway/net/datagram.hpp>

#include <cerrno>
#include <netinet/in.h>
#include <netinet/udp.h>
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

bool set_up(int fd, const endpoint& where, const datagram_options& options) noexcept {
    return set_up_ip(fd, where, options) &&
           (!options.reuse_port || set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           (!options.coalesce || set(fd, IPPROTO_UDP, UDP_GRO, 1)) &&
           (options.receive_bytes == 0 || set(fd, SOL_SOCKET, SO_RCVBUF, options.receive_bytes)) &&
           (options.send_bytes == 0 || set(fd, SOL_SOCKET, SO_SNDBUF, options.send_bytes));
}

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
    RW_ASSERT(where.is_ip());
    const int type = SOCK_DGRAM | SOCK_CLOEXEC | driver::current().socket_flags();
    unique_fd made{::socket(where.family(), type, 0)};
    if (!made || !set_up(made.get(), where, options) ||
        ::bind(made.get(), where.address(), where.size()) != 0) {
        return fail_errno(errno);
    }
    return datagram_socket{made.release(), where.family()};
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
    sockaddr_storage from{};
    iovec part{into.data(), into.size()};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof(from);
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    control_messages control;
    control.attach(header);
    ++in_flight_;
    const completion done =
        co_await await_operation{message_operation(op_kind::recvmsg, fd_, header)};
    --in_flight_;
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    received_datagram received;
    received.bytes = static_cast<std::size_t>(done.result);
    received.segment = received.bytes;
    received.truncated = (header.msg_flags & MSG_TRUNC) != 0;
    if (auto sender =
            endpoint::from(reinterpret_cast<const sockaddr*>(&from), header.msg_namelen)) {
        received.from = *sender;
    }
    control_messages::read(header, received);
    co_return received;
}

task<result<std::size_t>> datagram_socket::send(byte_view bytes, datagram_target target) {
    iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};  // sendmsg(2) only reads it.
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (target.to != nullptr) {
        header.msg_name = const_cast<sockaddr*>(target.to->address());
        header.msg_namelen = target.to->size();
    }
    control_messages control;
    control.write(header, target, family_);
    ++in_flight_;
    const completion done =
        co_await await_operation{message_operation(op_kind::sendmsg, fd_, header)};
    --in_flight_;
    if (done.result < 0) {
        co_return fail_errno(-done.result);
    }
    co_return static_cast<std::size_t>(done.result);
}

void datagram_socket::close() noexcept {
    RW_ASSERT(in_flight_ == 0);
    if (fd_ >= 0) {
        driver::current().close_now(std::exchange(fd_, -1));
    }
}

}  // namespace ringway
