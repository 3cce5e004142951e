// One QUIC connection as a protocol on top of it sees it, and what it expects of that protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <sys/uio.h>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {
class resting_memory;
}

namespace ringway::quic {

/// A stream's number: its two lowest bits say who opened it and which way it goes (RFC 9000
/// section 2.1).
using stream_id = std::int64_t;

enum class direction : std::uint8_t { bidirectional, unidirectional };

/// Bytes that are to be sent on a stream next, in the order of the stream.
struct stream_output {
    static constexpr std::size_t pieces_max = 16;

    stream_id stream = -1;          ///< -1: on none.
    std::span<const iovec> pieces;  ///< May be empty, to send only the end.
    bool fin = false;               ///< The stream ends behind them.
};

/// What a connection has measured (RFC 9002), for metrics, logs and clients.
struct path_facts {
    nanoseconds latest_rtt{0};
    nanoseconds smoothed_rtt{0};
    nanoseconds min_rtt{0};
    std::uint64_t congestion_window = 0;  ///< Bytes.
    std::uint64_t bytes_in_flight = 0;
    std::uint64_t bytes_lost = 0;    ///< 0 where ngtcp2 does not tell, as 1.11.
    std::uint64_t packets_lost = 0;  ///< Of streams that have ended, once for each stream in them.
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::size_t datagram_bytes = 0;  ///< What path MTU discovery has found (RFC 8899).
};

/// What a protocol asks of its connection. All calls are on the connection's shard and do not wait;
/// they may come from inside the calls of `application`.
class connection {
public:
    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    virtual ~connection() = default;

    /// Opens a stream. Fails with `would_block` while the peer allows no more (RFC 9000 section
    /// 4.6): `application::on_streams_allowed` tells when it does; `closed` after the end.
    [[nodiscard]] virtual result<stream_id> open_stream(direction which) = 0;

    /// `bytes` of the stream were consumed: the peer may send as many again, on the stream and on
    /// the connection. Streams that have ended count for the connection only.
    virtual void consumed(stream_id stream, std::size_t bytes) noexcept = 0;

    /// Ends our sending on the stream with RESET_STREAM; unsent bytes are not sent.
    virtual void reset_stream(stream_id stream, std::uint64_t code) noexcept = 0;

    /// Asks the peer with STOP_SENDING to send no more on it; what still comes is dropped.
    virtual void stop_reading(stream_id stream, std::uint64_t code) noexcept = 0;

    /// There is something to write: `application::next_output` will be asked soon.
    virtual void wake() noexcept = 0;

    /// Ends the connection with an error code of the application (RFC 9000 section 10.2): the peer
    /// is told at the next opportunity, `application::on_closed` comes later. The first call
    /// counts.
    virtual void close(std::uint64_t code, std::string_view reason) noexcept = 0;

    /// Whether TLS's handshake is complete: before that a client's data may be a replay (0-RTT),
    /// and ours goes to somebody who has not proved who it is.
    [[nodiscard]] virtual bool handshake_done() const noexcept = 0;

    /// Where packets go at the moment; it may change (migration), and is not validated at first.
    [[nodiscard]] virtual const endpoint& peer() const noexcept = 0;

    /// The name that the client asked for (SNI), for as long as the connection lives; "" for none.
    [[nodiscard]] virtual std::string_view server_name() const noexcept = 0;

    /// How many more bytes flow control lets us send on the stream, and on the connection.
    [[nodiscard]] virtual std::uint64_t stream_credit(stream_id stream) const noexcept = 0;

    [[nodiscard]] virtual path_facts facts() const noexcept = 0;

    /// Memory for what a library keeps of the connection for the protocol: it is packed while the
    /// connection is silent, so that it must be woken before each use. Null: there is none of the
    /// kind. Lifetime: the connection's.
    [[nodiscard]] virtual resting_memory* memory() noexcept { return nullptr; }

    /// Bytes of stream data that should be ready beyond what is in flight, so that sending never
    /// waits for the application: grows with the path.
    [[nodiscard]] virtual std::size_t send_buffer_target() const noexcept = 0;
};

/// Which error ends the connection when a callback says so; none: go on.
using failure = std::optional<std::uint64_t>;

/// A protocol on one connection, as HTTP/3. Called on the connection's shard, never re-entrantly;
/// must not wait, and must not destroy the connection. It dies before its connection, after
/// `on_closed` and `finish`.
class application {
public:
    application() = default;
    application(const application&) = delete;
    application& operator=(const application&) = delete;
    virtual ~application() = default;

    /// Streams can be opened and written: the sending keys are there, for a client with early data
    /// even before the handshake. Once.
    [[nodiscard]] virtual failure on_ready() = 0;

    /// The handshake is complete: what came early may be trusted now. Once.
    virtual void on_handshake_done() {}

    /// A client's: the server has refused early data. All streams are gone, as if they had never
    /// been; `on_ready` follows again.
    virtual void on_early_data_refused() {}

    /// The next bytes of a stream; with `fin` they are the last, and may be none. `early`: they
    /// came as 0-RTT. Lifetime: `bytes` during the call. What is not reported by
    /// `connection::consumed` holds the peer up.
    [[nodiscard]] virtual failure on_data(stream_id stream, byte_view bytes, bool fin,
                                          bool early) = 0;

    /// The peer has acknowledged the next `bytes` of the stream: they are not asked for again.
    virtual void on_acknowledged(stream_id stream, std::uint64_t bytes) = 0;

    /// The peer has given its sending on the stream up (RESET_STREAM).
    virtual void on_reset(stream_id stream, std::uint64_t code) = 0;

    /// The peer wants no more of the stream (STOP_SENDING); it has been reset with `code`. ngtcp2
    /// (as of 1.11) does not tell: `on_shut` comes instead, with the next output of the stream.
    virtual void on_stop_sending(stream_id stream, std::uint64_t code) = 0;

    /// Both directions have ended, acknowledged or by error. The number is not used again.
    virtual void on_stream_closed(stream_id stream, std::optional<std::uint64_t> code) = 0;

    /// Flow control lets the stream go on, after `on_blocked`.
    virtual void on_unblocked(stream_id stream) = 0;

    /// The peer allows more streams.
    virtual void on_streams_allowed(direction which) { static_cast<void>(which); }

    /// What to send next, by the protocol's priorities: an output without stream for nothing.
    /// The pieces must stay as they are until acknowledged, or until the stream is closed: they are
    /// read again when packets are lost.
    [[nodiscard]] virtual stream_output next_output() = 0;

    /// `bytes` of the last output went into packets; fewer than all when those were full.
    virtual void on_written(stream_id stream, std::size_t bytes, bool fin) = 0;

    /// The stream can't be written for flow control: `on_unblocked` tells when.
    virtual void on_blocked(stream_id stream) = 0;

    /// The stream's sending is over, by us or the peer: no more output of it, please.
    virtual void on_shut(stream_id stream) = 0;

    /// The peer's address has changed, says a packet of its own. It can be replayed from anywhere.
    virtual void on_migrated(const endpoint& to) { static_cast<void>(to); }

    /// The peer has answered from where it is now, which differs from where it did so before
    /// (RFC 9000 section 8.2).
    virtual void on_address_proved(const endpoint& at) { static_cast<void>(at); }

    /// Lets requests in flight end and refuses later ones. When there are none left it closes the
    /// connection.
    virtual void drain() {}

    /// The connection is over, for whichever reason: nothing can be sent or received any more.
    virtual void on_closed() = 0;

    /// Waits until nothing of the application runs any more. After `on_closed`; then it dies.
    [[nodiscard]] virtual task<void> finish() = 0;
};

}  // namespace ringway::quic
