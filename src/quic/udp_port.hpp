// A UDP socket of an endpoint: what leaves at once, and what waits because the kernel is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/datagram.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/counters.hpp>

namespace ringway::quic::detail {

/// Datagrams of equal size, but for the last one, that go the same way.
struct parcel {
    byte_view bytes;
    const ngtcp2_path* path = nullptr;
    std::size_t segment = 0;  ///< The size of each.
    std::uint8_t ecn = 0;
};

/// The options of all QUIC sockets.
[[nodiscard]] datagram_options quic_socket_options(bool shared_port) noexcept;

/// Says once per process, in the log, which sysctl to raise when the kernel has given `socket` a
/// smaller receive buffer than it was asked for.
void warn_of_small_buffers(const datagram_socket& socket);

class udp_port {
public:
    /// `index`: among the ports of its endpoint. A `connected` socket sends to its peer only, and
    /// learns when nobody listens there.
    udp_port(datagram_socket socket, const endpoint& local, std::size_t index, bool connected,
             endpoint_counters& counters) noexcept;

    /// Sends now, or keeps a copy for later when the kernel is full. What the kernel refuses is
    /// lost, as datagrams may be. Where it can't cut into segments, it is given them one by one,
    /// from then on.
    void send(const parcel& what);

    /// As `send`, but drops instead of keeping: for what answers strangers.
    void send_or_drop(const parcel& what);

    /// Something waits for the kernel: nothing else should be made to send here.
    [[nodiscard]] bool is_blocked() const noexcept { return held_ || !waiting_.empty(); }
    /// Behaves as if the kernel were full, until `unblock`. For tests: over loopback it never is.
    void hold() noexcept { held_ = true; }

    /// Sends what waits, as soon as that can be done. Fails with `canceled`: then it is gone.
    /// Resumes: on this shard.
    [[nodiscard]] task<result<void>> unblock();

    [[nodiscard]] datagram_socket& socket() noexcept { return socket_; }
    [[nodiscard]] const endpoint& local() const noexcept { return local_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] bool is_connected() const noexcept { return connected_; }
    [[nodiscard]] bool can_segment() const noexcept { return can_segment_; }
    /// Whether the kernel has said that nobody listens at the peer's port; asking forgets it.
    [[nodiscard]] bool take_refusal() noexcept;
    void note_refusal() noexcept { refused_ = true; }

    /// Ends receiving and closes the socket as soon as that is possible; what is sent afterwards
    /// is dropped.
    void retire() noexcept;
    /// The receiver says what stops it, or that it has ended (null).
    void received_under(stop_source* stop) noexcept;

    /// Counts what the kernel says it had to drop so far.
    void note_drops(std::uint32_t total) noexcept;

private:
    struct kept {
        std::vector<std::byte> bytes;
        ngtcp2_path_storage path;
        std::size_t segment;
        std::uint8_t ecn;
    };

    [[nodiscard]] result<void> try_send(const parcel& what);
    [[nodiscard]] result<void> send_singly(const parcel& what);
    [[nodiscard]] result<void> send_once(const parcel& what);
    void keep(const parcel& what);

    datagram_socket socket_;
    endpoint local_;
    std::size_t index_;
    endpoint_counters& counters_;
    std::deque<kept> waiting_;
    std::uint32_t drops_seen_ = 0;
    bool connected_;
    bool can_segment_ = true;
    bool refused_ = false;
    bool retired_ = false;
    bool held_ = false;
    stop_source* receiver_ = nullptr;
};

}  // namespace ringway::quic::detail
