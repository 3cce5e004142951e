// How soon the next packets of a connection may leave: its window spread over a round trip.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>

namespace ringway::quic::detail {

/// What the rate is made of, as ngtcp2 tells it.
struct pacing_facts {
    std::uint64_t window = 0;
    bool slow_start = true;
    ngtcp2_duration smoothed_rtt = 0;  ///< 0: not measured yet, so nothing is held back.
    std::size_t packet_bytes = 1200;   ///< The longest packet.
};

/// A token bucket (RFC 9002 section 7.7). Whoever was silent has as much at once as a new
/// connection would: the initial window. So a short answer right behind a longer one does not wait.
/// Whoever always has something sends a few packets about every millisecond, not the whole window
/// in one burst, which would overflow the queue before a bottleneck.
///
/// ngtcp2's own pacing (ngtcp2_conn_update_pkt_tx_time) can do neither: up to 64 KiB leave
/// together, and all that follows waits until those would have left one by one.
class pacer {
public:
    /// The time is `now`; it does not go back. Before each use of the others.
    void update(ngtcp2_tstamp now, const pacing_facts& facts) noexcept;

    /// Whether a packet may be sent. It may be longer than what is left: the next one pays for it.
    [[nodiscard]] bool allows() const noexcept { return credit_ > 0 && now_ >= held_until_; }

    void sent(std::size_t bytes) noexcept { credit_ -= static_cast<std::int64_t>(bytes); }

    /// Allows nothing until the time that it yields, when there is enough for the next few packets:
    /// else each acknowledgement that comes in between would let a single one go. That is later
    /// than the time of `update`, by `wait_max` at the most.
    ngtcp2_tstamp hold() noexcept;

    /// Acknowledgements wait as well, and the peer counts on having them within max_ack_delay
    /// (RFC 9000 section 13.2.1; 25 ms), so nothing waits longer than this. That is a packet per
    /// wait: slower paths have their windows only.
    static constexpr ngtcp2_duration wait_max = 10 * NGTCP2_MILLISECONDS;

private:
    [[nodiscard]] std::uint64_t bytes_in(ngtcp2_duration time) const noexcept;
    [[nodiscard]] std::int64_t capacity() const noexcept;

    pacing_facts facts_;
    ngtcp2_tstamp now_ = 0;
    ngtcp2_tstamp held_until_ = 0;
    ngtcp2_tstamp refilled_ = 0;
    std::int64_t credit_ = 0;  // Below 0: what was sent beyond it.
};

}  // namespace ringway::quic::detail
