// What both sides of a QUIC connection can be told: limits, windows, congestion control.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/ring/driver.hpp>

namespace ringway::quic {

/// How fast to send (RFC 9002 section 7, RFC 9438). BBR as ngtcp2 implements it; before ngtcp2 1.22
/// it can stall or overshoot after losses.
enum class congestion_control : std::uint8_t { cubic, reno, bbr };

/// "cubic", "reno", "bbr".
[[nodiscard]] std::string_view name_of(congestion_control which) noexcept;

/// Windows are what the peer may send before it hears that we have consumed something; they grow
/// from the initial to the maximal size as long as the path makes use of them.
struct transport_options {
    congestion_control congestion = congestion_control::cubic;
    nanoseconds idle_timeout = std::chrono::seconds{30};  ///< RFC 9000 section 10.1; 0: none.
    /// The handshake must be complete by then.
    nanoseconds handshake_timeout = std::chrono::seconds{10};
    nanoseconds keep_alive{0};  ///< A PING after so much silence; 0: none.

    /// A server's: once nothing has come or gone for so long, what a connection keeps is packed
    /// into a fifth of its memory, until something does; 0: never. Some tens of microseconds.
    nanoseconds rest_after = std::chrono::seconds{2};

    std::uint64_t streams_bidi = 100;  ///< Open at a time, opened by the peer.
    std::uint64_t streams_uni = 10;
    std::uint64_t stream_window = std::uint64_t{256} << 10U;
    std::uint64_t stream_window_max = std::uint64_t{16} << 20U;
    std::uint64_t connection_window = std::uint64_t{1} << 20U;
    std::uint64_t connection_window_max = std::uint64_t{24} << 20U;
    bool active_migration = true;          ///< The peer may move (section 18.2); for servers.
    std::uint64_t connection_ids_max = 7;  ///< Of the peer's that we keep (section 5.1.1).

    /// The longest datagram that we send, without IP and UDP headers: at least 1200, at most, and
    /// where nothing else is said, what UDP can carry: loopback and jumbo frames make use of it.
    /// Where `path_mtu_discovery` is on, as much of it as gets through is used (RFC 8899); else all
    /// of it, from the first packet on that needs it.
    std::size_t datagram_bytes_max = 65507;
    bool path_mtu_discovery = true;
    /// The longest datagram that the peer may send: each connection keeps memory for one that was
    /// as long. What Ethernet carries is plenty for requests.
    std::size_t datagram_received_max = 1472;
    /// We acknowledge every so many packets at the latest (section 13.2.2), or after 25 ms.
    std::size_t acknowledge_every = 2;

    /// A directory that gets a qlog file per connection; "": none. Refused on ngtcp2 before 1.22.1,
    /// where a peer could overflow the stack through it.
    std::string qlog_directory;
};

/// Checks what depends on the ngtcp2 that runs: one sentence for the operator about what can't be
/// done, or "". BBR before 1.22 works and is warned of in the log.
[[nodiscard]] std::string problem_of(const transport_options& options);

/// ngtcp2's version as it runs, which may differ from the one we were built with: "1.11.0".
[[nodiscard]] std::string library_version();

}  // namespace ringway::quic
