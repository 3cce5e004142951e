// Trials of io_uring's operations on sockets: each is run once, and its result is looked at.
#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/loopback.hpp"
#include "probe/small_ring.hpp"
#include "probe/trial.hpp"
#include "probe/uring_outcome.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

// Operations newer than liburing 2.9 (linux/io_uring.h of 6.15).
constexpr int operation_recv_zc = 58;

// Bound to a name that the kernel chooses (autobind, unix(7)), which goes away with it.
unique_fd unix_socket(bool bound) {
    unique_fd made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (made && bound &&
        ::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof(sa_family_t)) != 0) {
        made.reset();
    }
    return made;
}

bool connect_to(int listener, const unique_fd& from) {
    sockaddr_un name{};
    socklen_t size = sizeof name;
    auto* const generic = reinterpret_cast<sockaddr*>(&name);
    return from && ::getsockname(listener, generic, &size) == 0 &&
           ::connect(from.get(), generic, size) == 0;
}

outcome receives(argument) {
    small_ring ring;
    const socket_pair pair;
    if (ring.error() != 0 || !pair.one) {
        return no_ring();
    }
    std::array<char, 8> bytes{};
    ::io_uring_prep_recv(ring.entry(), pair.one.get(), bytes.data(), bytes.size(), 0);
    if (const int submitted = ::io_uring_submit(&ring.get()); submitted < 0) {
        return refused(-submitted);
    }
    const int sent = ring.run(
        [&pair](io_uring_sqe* e) { ::io_uring_prep_send(e, pair.other.get(), "abc", 3, 0); });
    return sent < 0 ? from_result(sent, 3) : from_result(ring.wait().result, 3);
}

outcome accepts_many(argument) {
    small_ring ring;
    const unique_fd listener = unix_socket(true);
    const unique_fd first = unix_socket(false);
    const unique_fd second = unix_socket(false);
    if (ring.error() != 0 || !listener || ::listen(listener.get(), 4) != 0 ||
        !connect_to(listener.get(), first) || !connect_to(listener.get(), second)) {
        return no_ring();
    }
    ::io_uring_prep_multishot_accept(ring.entry(), listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    const auto one = ring.submit_and_wait();
    if (one.result < 0) {
        return from_result(one.result, 0);
    }
    ::close(one.result);
    const auto two = (one.flags & IORING_CQE_F_MORE) != 0 ? ring.wait() : small_ring::answer{};
    if (two.result >= 0) {
        ::close(two.result);
        return found_yes();
    }
    return found_no("it accepted once only");
}

outcome has_buffers(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    const small_buffers buffers{ring};
    return buffers.error() == 0 ? found_yes() : refused(buffers.error());
}

outcome has_incremental_buffers(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    const small_buffers buffers{ring, IOU_PBUF_RING_INC};
    return buffers.error() == 0 ? found_yes() : refused(buffers.error());
}

outcome receives_many(argument) {
    small_ring ring;
    const socket_pair pair;
    if (ring.error() != 0 || !pair.one) {
        return no_ring();
    }
    const small_buffers buffers{ring};
    io_uring_sqe* const entry = ring.entry();
    ::io_uring_prep_recv_multishot(entry, pair.one.get(), nullptr, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    if (buffers.error() != 0 || ::send(pair.other.get(), "abc", 3, 0) != 3) {
        return found_no("there are no buffer rings");
    }
    const auto one = ring.submit_and_wait();
    if (one.result != 3 || (one.flags & IORING_CQE_F_MORE) == 0) {
        return one.result < 0 ? from_result(one.result, 3) : found_no("it received once only");
    }
    return ::send(pair.other.get(), "ab", 2, 0) == 2 ? from_result(ring.wait().result, 2)
                                                     : refused(errno);
}

// The first completion may have one buffer only, before the kernel knows how much there is.
outcome receives_bundles(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    const tcp_pair pair;  // Unix sockets tell how much there is since 6.17 only.
    if (pair.error != 0) {
        return found_nothing("no connection over loopback: " + error_text(pair.error));
    }
    const small_buffers buffers{ring};
    if ((ring.features() & IORING_FEAT_RECVSEND_BUNDLE) == 0 || buffers.error() != 0) {
        return found_no("the bit is not set");
    }
    constexpr int buffer = 64;
    const std::array<char, 164> bytes{};  // Three buffers.
    io_uring_sqe* const entry = ring.entry();
    ::io_uring_prep_recv_multishot(entry, pair.server.get(), nullptr, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->ioprio |= IORING_RECVSEND_BUNDLE;
    if (::send(pair.client.get(), bytes.data(), bytes.size(), 0) != std::ssize(bytes)) {
        return refused(errno);
    }
    int most = 0;
    int sum = 0;
    for (auto answer = ring.submit_and_wait(); sum < std::ssize(bytes); answer = ring.wait()) {
        if (answer.result <= 0) {
            return from_result(answer.result, 1);
        }
        most = std::max(most, answer.result);
        sum += answer.result;
    }
    return most > buffer ? found_yes() : found_no("each buffer had a completion of its own");
}

outcome sends_without_copying(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    const tcp_pair pair;
    if (pair.error != 0) {
        return found_nothing("no connection over loopback: " + error_text(pair.error));
    }
    static const std::array<char, 4096> bytes{};
    io_uring_sqe* const entry = ring.entry();
    ::io_uring_prep_send_zc(entry, pair.client.get(), bytes.data(), bytes.size(), 0,
                            IORING_SEND_ZC_REPORT_USAGE);
    const auto sent = ring.submit_and_wait();
    if (sent.result < 0) {
        return from_result(sent.result, 0);
    }
    std::array<char, 4096> taken{};
    if (::recv(pair.server.get(), taken.data(), taken.size(), MSG_WAITALL) < 0 ||
        (sent.flags & IORING_CQE_F_MORE) == 0) {
        return found_no("it sent, but told no end of the memory's use");
    }
    const auto released = ring.wait();
    if ((released.flags & IORING_CQE_F_NOTIF) == 0) {
        return found_no("it sent, but the memory was not given back");
    }
    return found_yes("loopback copies all the same; a network card need not");
}

outcome listens(argument) {
    small_ring ring;
    const unique_fd made = unix_socket(false);
    if (ring.error() != 0 || !made) {
        return no_ring();
    }
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const int bound = ring.run([&](io_uring_sqe* entry) {
        ::io_uring_prep_bind(entry, made.get(), reinterpret_cast<sockaddr*>(&name),
                             sizeof(sa_family_t));
    });
    return bound < 0 ? from_result(bound, 0)
                     : from_result(ring.run([&made](io_uring_sqe* entry) {
                           ::io_uring_prep_listen(entry, made.get(), 1);
                       }),
                                   0);
}

outcome receives_without_copying(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    io_uring_probe* const probe = ::io_uring_get_probe_ring(&ring.get());
    const bool known = probe != nullptr && probe->last_op >= operation_recv_zc &&
                       (probe->ops[operation_recv_zc].flags & IO_URING_OP_SUPPORTED) != 0;
    ::io_uring_free_probe(probe);
    return known ? found_partial(
                       "the kernel knows it; the network card must split headers and "
                       "steer flows, which is not tried")
                 : found_no("the operation is unknown");
}

constexpr auto about = topic::io_uring;
constexpr std::string_view newer = fix_by_kernel;

}  // namespace

std::vector<trial> uring_socket_trials() {
    return {
        {"io_uring.send_recv", about, "SEND, RECV", "5.6", "a message over a socket pair",
         "Sockets", newer, true, receives},
        {"io_uring.multishot_accept", about, "multishot ACCEPT", "5.19",
         "two connections by one operation", "New connections cost no operation each", newer, true,
         accepts_many},
        {"io_uring.buffer_ring", about, "buffer rings", "5.19", "IORING_REGISTER_PBUF_RING",
         "Idle connections hold no receive buffer", newer, true, has_buffers},
        {"io_uring.multishot_recv", about, "multishot RECV", "6.0", "two messages by one operation",
         "Receiving costs no operation each time", newer, true, receives_many},
        {"io_uring.send_zc", about, "SEND_ZC", "6.0", "4 KB over a connection to ourselves",
         "Large bodies leave from the page without being copied", newer, false,
         sends_without_copying},
        {"io_uring.bundles", about, "bundles", "6.10", "164 bytes into buffers of 64",
         "One completion for many small messages", newer, false, receives_bundles},
        {"io_uring.bind_listen", about, "BIND, LISTEN", "6.11", "listening on a Unix socket",
         "Servers set up without system calls", newer, false, listens},
        {"io_uring.incremental_buffers", about, "incremental buffers", "6.12", "IOU_PBUF_RING_INC",
         "Large buffers, used up in parts", newer, false, has_incremental_buffers},
        {"io_uring.recv_zc", about, "zero-copy receive", "6.15", "IORING_REGISTER_PROBE",
         "The card writes into the program's memory", newer, false, receives_without_copying},
    };
}

}  // namespace ringway::probe
