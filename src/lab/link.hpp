// One direction of an impaired path: packets and times go in, packets and later times come out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "lab/chance.hpp"
#include "lab/drop_rule.hpp"
#include "lab/loss_model.hpp"
#include "lab/packet.hpp"

namespace ringway::lab {

/// Since the relay's start.
using lab_time = std::chrono::nanoseconds;

struct time_span {
    lab_time from{0};
    lab_time to{0};  ///< The first moment behind it.
};

struct link_options {
    lab_time delay{0};                  ///< Propagation, one way.
    std::uint64_t bits_per_second = 0;  ///< Of the bottleneck; 0: no bottleneck.
    std::size_t burst_bytes = 0;        ///< What the token bucket lets through at once.
    std::size_t queue_bytes = std::size_t{256} * 1024;  ///< Before the bottleneck; more is dropped.
    loss_options loss;
    double reorder = 0;  ///< Share of packets that come `reorder_by` later.
    lab_time reorder_by{std::chrono::milliseconds{5}};
    double duplicate = 0;               ///< Share that comes twice.
    double corrupt = 0;                 ///< Share in which a bit of the payload is flipped.
    double ecn_mark = 0;                ///< Share of ECN-capable packets that is marked CE.
    std::size_t ecn_mark_above = 0;     ///< Marks too while more bytes are queued; 0: never.
    std::vector<time_span> blackholes;  ///< When nothing at all gets through.
    std::vector<drop_rule> drops;       ///< All rules see all packets.
};

struct link_counters {
    std::uint64_t packets_in = 0;
    std::uint64_t bytes_in = 0;      ///< IP packets, headers included.
    std::uint64_t datagrams_in = 0;  ///< Packets of UDP.
    std::uint64_t payload_in = 0;    ///< Bytes that UDP or TCP carries.
    std::uint64_t packets_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t datagrams_out = 0;
    std::uint64_t payload_out = 0;  ///< Bytes that UDP or TCP carries.
    std::uint64_t dropped_by_queue = 0;
    std::uint64_t dropped_by_loss = 0;
    std::uint64_t dropped_by_list = 0;
    lab_time list_dropped_at{0};  ///< The latest of those.
    std::uint64_t dropped_by_blackhole = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t marked = 0;
    std::uint64_t queued_bytes_max = 0;
};

/// No I/O and no clock. A packet that is lost behind the bottleneck has used its bandwidth; one
/// that the full queue or a blackhole swallows has not.
class link {
public:
    /// Packets on their way at a time; what comes beyond counts as dropped by the queue.
    static constexpr std::size_t in_flight_max = 1U << 18U;

    /// `purpose` tells the two directions of one seed apart.
    link(link_options options, std::uint64_t seed, std::uint32_t purpose);

    /// A packet arrives. `now` does not go back from call to call.
    void push(lab_time now, packet bytes);

    /// When the next packet leaves; nothing if there is none.
    [[nodiscard]] std::optional<lab_time> next() const;

    /// A packet that has left by `now`, in order of leaving; nothing if there is none.
    [[nodiscard]] std::optional<packet> pop(lab_time now);

    [[nodiscard]] const link_counters& counters() const noexcept { return counters_; }

private:
    struct leaving {
        lab_time at;
        std::uint64_t order = 0;
        packet bytes;
    };
    struct leaves_later {
        bool operator()(const leaving& a, const leaving& b) const noexcept {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    struct queued {
        lab_time until;
        std::size_t bytes = 0;
    };

    [[nodiscard]] bool passes_lists(lab_time now, const packet& bytes);
    [[nodiscard]] std::optional<lab_time> through_bottleneck(lab_time now, std::size_t bytes);
    void damage(packet& bytes, std::size_t queued_before);
    void send(lab_time at, packet bytes);

    link_options options_;
    loss_model loss_;
    chance reorder_;
    chance duplicate_;
    chance corrupt_;
    chance mark_;
    lab_time free_at_{0};  // When the bottleneck has sent all that it has taken.
    std::deque<queued> queue_;
    std::size_t queued_bytes_ = 0;
    std::uint64_t order_ = 0;
    std::priority_queue<leaving, std::vector<leaving>, leaves_later> leaving_;
    link_counters counters_;
};

}  // namespace ringway::lab
