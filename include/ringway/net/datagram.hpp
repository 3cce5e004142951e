// A UDP socket of one shard, with segmentation by the kernel in both directions.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>

namespace ringway {

struct datagram_options {
    bool reuse_port = false;  ///< SO_REUSEPORT: several sockets share a port (socket(7)).
    bool coalesce = false;    ///< UDP_GRO: one receive may yield several datagrams of one sender.
    bool with_facts = false;  ///< Ask for the local address and the ECN bits of what is received.
    bool dont_fragment = false;  ///< IP_PMTUDISC_PROBE: too long datagrams fail with EMSGSIZE.
    bool count_drops = false;    ///< Ask for the datagrams that did not fit (SO_RXQ_OVFL).
    /// SO_RCVBUFFORCE and SO_SNDBUFFORCE, else SO_RCVBUF and SO_SNDBUF, which net.core.rmem_max and
    /// net.core.wmem_max limit; 0: the system's default.
    int receive_bytes = 0;
    int send_bytes = 0;
};

/// What was received besides the bytes.
struct received_datagram {
    std::size_t bytes = 0;    ///< How many bytes were received.
    std::size_t segment = 0;  ///< Each datagram but the last has so many bytes (UDP_GRO, udp(7)).
                              ///< Equal to `bytes` for a single one.
    bool truncated = false;   ///< It was longer than the buffer; the rest is lost.
    std::uint8_t ecn = 0;     ///< The two ECN bits (RFC 3168); 0 when not asked for.
    std::uint32_t interface = 0;  ///< Index of the interface it came in by; 0 when not asked for.
    std::uint32_t drops = 0;      ///< So many did not fit since the socket exists; 0 when not asked
                                  ///< for or none yet. Wraps around.
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
    /// Fails with the errno of socket(2), setsockopt(2) or bind(2), EAFNOSUPPORT for what is no IP
    /// address. Only on a shard's thread.
    [[nodiscard]] static result<datagram_socket> open(
        const endpoint& where, const datagram_options& options = {}) noexcept;

    /// Opens and binds a socket that never waits, for `adopt`. Any thread. Fails as `open`.
    [[nodiscard]] static result<unique_fd> bind(const endpoint& where,
                                                const datagram_options& options = {}) noexcept;

    /// Takes a bound socket over. One of `bind` is for `receive_now`, `send_now`, `readable` and
    /// `writable` only.
    [[nodiscard]] static datagram_socket adopt(unique_fd bound) noexcept;

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

    /// Receives what has arrived already, as `receive` does. Fails with `would_block` when nothing
    /// has. Lifetime: `into` during the call.
    [[nodiscard]] result<received_datagram> receive_now(byte_span into) noexcept;

    /// Sends as `send` does, if that can be done at once; else fails with `would_block`.
    [[nodiscard]] result<std::size_t> send_now(byte_view bytes,
                                               const datagram_target& target = {}) noexcept;

    /// Waits until there may be something to receive, or room to send. Fails with `canceled` only.
    /// Cancel: at once. Resumes: on this shard.
    [[nodiscard]] task<result<void>> readable();
    [[nodiscard]] task<result<void>> writable();

    /// The size of the receive buffer as it was asked for and granted (SO_RCVBUF, socket(7)).
    [[nodiscard]] std::size_t receive_buffer_bytes() const noexcept;

    /// Closes the socket, at once. No operation may be in flight.
    void close() noexcept;

    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    explicit datagram_socket(int fd, int family) noexcept : fd_{fd}, family_{family} {}
    [[nodiscard]] task<result<void>> wait_for(std::uint32_t events);

    int fd_;
    int family_;
    unsigned in_flight_ = 0;
};

}  // namespace ringway
