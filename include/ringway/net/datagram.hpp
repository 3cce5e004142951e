// A UDP socket of one shard, with segmentation by the kernel in both directions.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway {

struct datagram_options {
    bool reuse_port = false;  ///< SO_REUSEPORT: several sockets share a port (socket(7)).
    bool coalesce = false;    ///< UDP_GRO: one receive may yield several datagrams of one sender.
    bool with_facts = false;  ///< Ask for the local address and the ECN bits of what is received.
    bool dont_fragment = false;  ///< IP_PMTUDISC_PROBE: too long datagrams fail with EMSGSIZE.
    int receive_bytes = 0;  ///< SO_RCVBUF; 0: the system's default. net.core.rmem_max limits it.
    int send_bytes = 0;     ///< SO_SNDBUF; 0: the system's default. net.core.wmem_max limits it.
};

/// What was received besides the bytes.
struct received_datagram {
    std::size_t bytes = 0;    ///< How many bytes were received.
    std::size_t segment = 0;  ///< Each datagram but the last has so many bytes (UDP_GRO, udp(7)).
                              ///< Equal to `bytes` for a single one.
    bool truncated = false;   ///< It was longer than the buffer; the rest is lost.
    std::uint8_t ecn = 0;     ///< The two ECN bits (RFC 3168); 0 when not asked for.
    std::uint32_t interface = 0;  ///< Index of the interface it came in by; 0 when not asked for.
    endpoint from;
    endpoint to;  ///< The local address without port; none when not asked for.
};

/// How something is sent.
struct datagram_target {
    const endpoint* to = nullptr;    ///< Null: where the socket is connected to.
    const endpoint* from = nullptr;  ///< The local address to send from; null: the kernel's choice.
    std::uint16_t segment = 0;       ///< Cut the bytes into datagrams of this size (UDP_SEGMENT,
                                     ///< udp(7)); 0: they are one datagram.
    std::uint8_t ecn = 0;            ///< The two ECN bits.
};

/// Owns a UDP socket. Used on the shard it was made on, by one receiver and any number of senders;
/// all of them must have ended before it is closed.
class datagram_socket {
public:
    /// The kernel takes at most this many segments at a time (UDP_MAX_SEGMENTS of Linux 4.18), and
    /// no more than 65507 bytes in all.
    static constexpr std::size_t segments_max = 64;

    /// Opens a socket and binds it to `where`; port 0 takes any that is free.
    /// Fails with the errno of socket(2), setsockopt(2) or bind(2). Only on a shard's thread.
    [[nodiscard]] static result<datagram_socket> open(
        const endpoint& where, const datagram_options& options = {}) noexcept;

    datagram_socket(datagram_socket&& other) noexcept;
    datagram_socket& operator=(datagram_socket&&) = delete;
    ~datagram_socket() { close(); }

    /// Fixes the peer: only its datagrams are received, and sends need no address. Does not wait.
    [[nodiscard]] result<void> connect(const endpoint& peer) noexcept;

    /// Receives the next datagram, or several of one sender with `coalesce`, into `into`.
    ///
    /// Fails with `canceled`, or with an error that an earlier send caused (ECONNREFUSED on a
    /// connected socket): the socket stays usable. Lifetime: `into` until it resumes.
    /// Cancel: at once; nothing is lost. Resumes: on this shard.
    [[nodiscard]] task<result<received_datagram>> receive(byte_span into);

    /// Sends `bytes` as `target` says and yields their number: all of them, as datagrams are never
    /// cut. Waits while the socket's buffer is full.
    ///
    /// Fails with EMSGSIZE for more than fits, EIO where the device can't segment, `canceled`.
    /// Lifetime: `bytes` and what `target` names, until it resumes. Resumes: on this shard.
    [[nodiscard]] task<result<std::size_t>> send(byte_view bytes, datagram_target target = {});

    /// Closes the socket, at once. No operation may be in flight.
    void close() noexcept;

    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    explicit datagram_socket(int fd, int family) noexcept : fd_{fd}, family_{family} {}

    int fd_;
    int family_;
    unsigned in_flight_ = 0;
};

}  // namespace ringway
