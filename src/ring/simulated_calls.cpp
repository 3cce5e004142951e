#include "ring/simulated_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "ring/simulated_files.hpp"

namespace ringway::detail {
namespace {

using step = attempt_outcome::step;

constexpr std::uint32_t move_bytes_max = 256 * 1024;  // Of a file, in one step.

attempt_outcome finish(int result, bool more = false) noexcept {
    return {step::finished, {.result = result, .more = more}};
}

attempt_outcome finish_or_wait(int result) noexcept {
    return result == -EAGAIN ? attempt_outcome{} : finish(result);
}

/// As `finish_or_wait`, unless the program does not want to wait.
attempt_outcome finish_or_wait(int result, const operation& op) noexcept {
    return (op.flags & MSG_DONTWAIT) != 0 ? finish(result) : finish_or_wait(result);
}

bool is_simulated(const operation& op) noexcept { return simulated_network::owns(op.fd); }

/// The port in a sockaddr_in or sockaddr_in6, in host order; 0 for other addresses.
std::uint16_t port_of(const operation& op) noexcept {
    const auto* const address = static_cast<const sockaddr*>(op.address);
    if (address->sa_family == AF_INET && op.length >= sizeof(sockaddr_in)) {
        return ntohs(static_cast<const sockaddr_in*>(op.address)->sin_port);
    }
    if (address->sa_family == AF_INET6 && op.length >= sizeof(sockaddr_in6)) {
        return ntohs(static_cast<const sockaddr_in6*>(op.address)->sin6_port);
    }
    return 0;
}

template <std::size_t Count>
int one_of(const std::array<int, Count>& errors, simulated_random& random) noexcept {
    return -errors[random.below(Count)];
}

byte_span span_of(const iovec& part) noexcept {
    return {static_cast<std::byte*>(part.iov_base), part.iov_len};
}

std::size_t total_of(const iovec* parts, std::size_t count) noexcept {
    std::size_t total = 0;
    for (std::size_t index = 0; index < count; ++index) {
        total += parts[index].iov_len;
    }
    return total;
}

}  // namespace

attempt_outcome simulated_calls::attempt(const operation& op, std::uint32_t& done) noexcept {
    if (op.kind == op_kind::nop) {
        return finish(0);
    }
    if (const int error = common_fault(op); error != 0) {
        return finish(done > 0 ? static_cast<int>(done) : error);
    }
    if (op.kind == op_kind::splice && simulated_network::owns(op.other_fd)) {
        return splice_to_socket(op);
    }
    return is_simulated(op) ? on_socket(op, done) : on_file(op);
}

attempt_outcome simulated_calls::on_socket(const operation& op, std::uint32_t& done) noexcept {
    switch (op.kind) {
        case op_kind::accept: return accept(op);
        case op_kind::connect: return connect(op);
        case op_kind::read:
        case op_kind::recv: return receive(op);
        case op_kind::recvmsg: return receive_message(op);
        case op_kind::write:
        case op_kind::send:
        case op_kind::send_zc:
        case op_kind::sendmsg:
        case op_kind::sendmsg_zc: return send(op, done);
        case op_kind::poll: return finish_or_wait(network_.poll(op.fd, op.flags));
        case op_kind::sendfile: return send_file(op);
        case op_kind::shutdown: return finish(network_.shutdown(op.fd, static_cast<int>(op.flags)));
        case op_kind::close: return finish(network_.close(op.fd));
        default: return finish(-EINVAL);
    }
}

// What can end any call that waits or needs memory.
int simulated_calls::common_fault(const operation& op) noexcept {
    switch (op.kind) {
        case op_kind::send_zc:
        case op_kind::sendmsg_zc:  // Pages to be pinned count against RLIMIT_MEMLOCK.
            if (faults_.strikes(fault::enomem)) {
                return one_of(std::array{ENOMEM, ENOBUFS}, faults_.random());
            }
            return faults_.strikes(fault::eintr) ? -EINTR : 0;
        case op_kind::send:
        case op_kind::sendmsg:
        case op_kind::sendfile:
        case op_kind::openat2:
            if (faults_.strikes(fault::enomem)) {
                return -ENOMEM;
            }
            [[fallthrough]];
        case op_kind::accept:
        case op_kind::recv:
        case op_kind::recvmsg:
        case op_kind::read:
        case op_kind::write:
        case op_kind::splice: return faults_.strikes(fault::eintr) ? -EINTR : 0;
        default: return 0;
    }
}

void simulated_calls::maybe_reset(int fd) noexcept {
    if (faults_.strikes(fault::reset) && !network_.reset(fd)) {
        faults_.missed(fault::reset);
    }
}

attempt_outcome simulated_calls::accept(const operation& op) noexcept {
    if (faults_.strikes(fault::accept_error)) {
        const int error =
            one_of(std::array{EMFILE, ENFILE, ENOMEM, ECONNABORTED}, faults_.random());
        if (error == -ECONNABORTED) {
            network_.abort_pending(op.fd);
        }
        return finish(error);
    }
    const int accepted = network_.accept(op.fd);
    if (accepted >= 0 && op.multishot && faults_.strikes(fault::overflow)) {
        counters_.overflows.add();
        return finish(accepted);
    }
    return accepted >= 0 ? finish(accepted, op.multishot) : finish_or_wait(accepted);
}

attempt_outcome simulated_calls::connect(const operation& op) noexcept {
    if (faults_.strikes(fault::connect_error)) {
        return finish(one_of(std::array{ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH}, faults_.random()));
    }
    return finish_or_wait(network_.connect(op.fd, port_of(op)));
}

attempt_outcome simulated_calls::receive(const operation& op) noexcept {
    RW_ASSERT((op.flags & MSG_PEEK) == 0);
    if (op.multishot && !op.select_buffer) {
        return finish(-EINVAL);
    }
    maybe_reset(op.fd);
    if (op.select_buffer && buffers_.leased() > 0 && faults_.strikes(fault::enobufs)) {
        counters_.buffers_exhausted.add();
        return finish(-ENOBUFS);
    }
    const int there = network_.readable(op.fd);
    if (there == -EAGAIN) {
        return finish_or_wait(there, op);
    }
    if (there <= 0) {
        return receive_failed(op, network_.receive(op.fd, {}));
    }
    if (op.select_buffer) {
        return receive_pooled(op, there);
    }
    const auto size = std::min(static_cast<std::uint32_t>(there), op.length);
    return finish(network_.receive(
        op.fd, {static_cast<std::byte*>(op.address), faults_.shortened(fault::short_read, size)}));
}

// The end of the stream or an error; a kernel may name a buffer all the same.
attempt_outcome simulated_calls::receive_failed(const operation& op, int result) noexcept {
    attempt_outcome outcome = finish(result);
    if (op.select_buffer && faults_.strikes(fault::buffer_on_failure)) {
        outcome.told.buffer = buffers_.take();
        if (outcome.told.buffer == completion::no_buffer) {
            faults_.missed(fault::buffer_on_failure);
        }
    }
    return outcome;
}

attempt_outcome simulated_calls::receive_pooled(const operation& op, int there) noexcept {
    const std::uint16_t id = buffers_.take();
    if (id == completion::no_buffer) {
        counters_.buffers_exhausted.add();
        return finish(-ENOBUFS);
    }
    std::uint32_t size = std::min(static_cast<std::uint32_t>(there), buffers_.bytes_each());
    if (op.length > 0) {
        size = std::min(size, op.length);
    }
    size = faults_.shortened(fault::short_read, size);
    attempt_outcome outcome =
        finish(network_.receive(op.fd, {buffers_.data(id), size}), op.multishot);
    outcome.told.buffer = id;
    if (op.multishot && faults_.strikes(fault::overflow)) {
        counters_.overflows.add();
        outcome.told.more = false;
    }
    return outcome;
}

attempt_outcome simulated_calls::receive_message(const operation& op) noexcept {
    maybe_reset(op.fd);
    auto& message = *static_cast<msghdr*>(op.address);
    const int there = network_.readable(op.fd);
    if (there == -EAGAIN) {
        return finish_or_wait(there, op);
    }
    message.msg_namelen = 0;
    message.msg_controllen = 0;
    message.msg_flags = 0;
    if (there <= 0) {
        return finish(network_.receive(op.fd, {}));
    }
    std::size_t rest = faults_.shortened(fault::short_read, static_cast<std::uint32_t>(there));
    int received = 0;
    for (std::size_t index = 0; index < message.msg_iovlen && rest > 0; ++index) {
        byte_span part = span_of(message.msg_iov[index]);
        part = part.first(std::min(part.size(), rest));
        rest -= part.size();
        received += network_.receive(op.fd, part);
    }
    return finish(received);
}

attempt_outcome simulated_calls::send(const operation& op, std::uint32_t& done) noexcept {
    maybe_reset(op.fd);
    if (op.kind == op_kind::sendmsg || op.kind == op_kind::sendmsg_zc) {
        const auto& message = *static_cast<const msghdr*>(op.address);
        return send_parts(op, message.msg_iov, message.msg_iovlen, done);
    }
    const iovec whole{.iov_base = op.address, .iov_len = op.length};
    return send_parts(op, &whole, 1, done);
}

// One step of a send: as much as fits, or less. Ends when all has gone or nothing more can.
attempt_outcome simulated_calls::send_parts(const operation& op, const iovec* parts,
                                            std::size_t count, std::uint32_t& done) noexcept {
    const std::size_t total = total_of(parts, count);
    RW_ASSERT(done <= total && total <= INT32_MAX);
    const auto rest = static_cast<std::uint32_t>(total) - done;
    std::uint32_t allowed = faults_.shortened(fault::short_write, rest);
    std::size_t skipped = done;
    int sent = total == 0 ? network_.send(op.fd, {}) : 0;
    for (std::size_t index = 0; index < count && allowed > 0; ++index) {
        byte_span part = span_of(parts[index]);
        const std::size_t skip = std::min(skipped, part.size());
        skipped -= skip;
        part = part.subspan(skip);
        part = part.first(std::min<std::size_t>(part.size(), allowed));
        if (part.empty()) {
            continue;
        }
        sent = network_.send(op.fd, part);
        if (sent < 0) {
            break;
        }
        done += static_cast<std::uint32_t>(sent);
        allowed -= static_cast<std::uint32_t>(sent);
        if (static_cast<std::size_t>(sent) < part.size()) {
            break;
        }
    }
    if (done == total || (sent < 0 && sent != -EAGAIN)) {
        return finish(done > 0 ? static_cast<int>(done) : std::min(sent, 0));
    }
    if (done > 0 && ((op.flags & MSG_DONTWAIT) != 0 || faults_.strikes(fault::short_send))) {
        return finish(static_cast<int>(done));
    }
    return sent == -EAGAIN ? finish_or_wait(sent, op) : attempt_outcome{.next = step::again};
}

attempt_outcome simulated_calls::send_file(const operation& op) noexcept {
    maybe_reset(op.fd);
    return move_to_socket(op.fd, op.other_fd, op.offset, op.length);
}

attempt_outcome simulated_calls::splice_to_socket(const operation& op) noexcept {
    maybe_reset(op.other_fd);
    return is_ready(op.fd, POLLIN) ? move_to_socket(op.other_fd, op.fd, op.offset, op.length)
                                   : attempt_outcome{};
}

// Takes no more from the source than the socket has room for.
attempt_outcome simulated_calls::move_to_socket(int socket, int source, std::uint64_t offset,
                                                std::uint32_t length_max) noexcept {
    if (const int error = network_.send(socket, {}); error < 0) {
        return finish(error);
    }
    const int room = network_.writable(socket);
    if (room < 0) {
        return finish_or_wait(room);
    }
    if (faults_.strikes(fault::file_error)) {
        return finish(-EIO);
    }
    const auto possible = std::min({length_max, static_cast<std::uint32_t>(room), move_bytes_max});
    std::vector<std::byte> moved(faults_.shortened(fault::short_write, possible));
    const ssize_t size =
        offset == operation::no_offset
            ? ::read(source, moved.data(), moved.size())
            : ::pread(source, moved.data(), moved.size(), static_cast<off_t>(offset));
    if (size <= 0) {
        return finish(size < 0 ? -errno : 0);
    }
    return finish(network_.send(socket, byte_view{moved}.first(static_cast<std::size_t>(size))));
}

int simulated_calls::file_fault(const operation& op) noexcept {
    switch (op.kind) {
        case op_kind::write:
        case op_kind::fallocate:
            if (faults_.strikes(fault::no_space)) {
                return -ENOSPC;
            }
            [[fallthrough]];
        case op_kind::read:
        case op_kind::fsync:
        case op_kind::ftruncate:
        case op_kind::rename:
        case op_kind::link:
        case op_kind::mkdir:
        case op_kind::splice: return faults_.strikes(fault::file_error) ? -EIO : 0;
        case op_kind::openat2: return faults_.strikes(fault::file_error) ? -EMFILE : 0;
        default: return 0;
    }
}

attempt_outcome simulated_calls::on_file(const operation& op) noexcept {
    if (const int error = file_fault(op); error != 0) {
        return finish(error);
    }
    std::uint32_t length = op.length;
    const bool reads = op.kind == op_kind::read || op.kind == op_kind::splice;
    if (reads || op.kind == op_kind::write) {
        const fault kind = reads ? fault::short_read : fault::short_write;
        length = aligned_part(op.fd, faults_.shortened(kind, length), length);
    }
    const int result = perform_on_file(op, length);
    const bool waits = op.kind == op_kind::poll || reads || op.kind == op_kind::write;
    return waits ? finish_or_wait(result) : finish(result);
}

}  // namespace ringway::detail
