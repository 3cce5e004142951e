#include "quic/pacer.hpp"

#include <algorithm>

#include <ringway/base/assert.hpp>

namespace ringway::quic::detail {
namespace {

// Faster than one window per round trip, so that the window is what limits (RFC 9002 section 7.7
// has 5/4); twice that while it may double in a round trip, as Linux's TCP has it.
constexpr std::uint64_t gain_percent = 125;
constexpr std::uint64_t gain_percent_slow_start = 200;

// What leaves together: fewer system calls, and still less than most queues hold.
constexpr ngtcp2_duration together = NGTCP2_MILLISECONDS;
constexpr std::uint64_t packets_together_min = 2;
constexpr std::uint64_t together_max = 64 * 1024;  // One send.

// A shard that was busy for so long catches up.
constexpr ngtcp2_duration lateness_max = 4 * NGTCP2_MILLISECONDS;

// RFC 9002 section 7.2.
constexpr std::uint64_t initial_packets = 10;
constexpr std::uint64_t initial_bytes = 14720;

// Times are counted in it: a window of 4 GiB times 10 s stays below 2^64.
constexpr ngtcp2_duration unit = NGTCP2_MICROSECONDS;

// Longer rests are none: all buckets are full by then, and products stay small.
constexpr ngtcp2_duration rest_max = 10 * NGTCP2_SECONDS;

}  // namespace

void pacer::update(ngtcp2_tstamp now, const pacing_facts& facts) noexcept {
    RW_ASSERT(now >= now_ && facts.packet_bytes > 0);
    facts_ = facts;
    if (facts_.smoothed_rtt == 0) {
        now_ = refilled_ = now;
        held_until_ = 0;
        credit_ = capacity();
        return;
    }
    now_ = now;
    const ngtcp2_duration passed = now - refilled_;
    refilled_ = now - passed % unit;
    credit_ = std::min(credit_ + static_cast<std::int64_t>(bytes_in(std::min(passed, rest_max))),
                       capacity());
}

ngtcp2_tstamp pacer::hold() noexcept {
    if (held_until_ > now_) {
        return held_until_;
    }
    const std::uint64_t lump = std::max<std::uint64_t>(std::min(bytes_in(together), together_max),
                                                       packets_together_min * facts_.packet_bytes);
    const auto missing = static_cast<std::uint64_t>(
        std::max<std::int64_t>(static_cast<std::int64_t>(lump) - credit_, 1));
    const std::uint64_t in_wait_max = bytes_in(wait_max);
    held_until_ = now_ + (missing >= in_wait_max ? wait_max : wait_max * missing / in_wait_max + 1);
    return held_until_;
}

std::uint64_t pacer::bytes_in(ngtcp2_duration time) const noexcept {
    if (facts_.smoothed_rtt == 0) {
        return 0;
    }
    const std::uint64_t gain = facts_.slow_start ? gain_percent_slow_start : gain_percent;
    const std::uint64_t rtt = std::max<std::uint64_t>(facts_.smoothed_rtt / unit, 1);
    return facts_.window * (time / unit) / rtt * gain / 100;
}

std::int64_t pacer::capacity() const noexcept {
    const std::uint64_t initial =
        std::min<std::uint64_t>(initial_packets * facts_.packet_bytes,
                                std::max<std::uint64_t>(initial_bytes, 2 * facts_.packet_bytes));
    return static_cast<std::int64_t>(std::max(initial, bytes_in(lateness_max)));
}

}  // namespace ringway::quic::detail
