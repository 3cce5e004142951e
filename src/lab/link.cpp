#include "lab/link.hpp"

#include <algorithm>
#include <utility>

namespace ringway::lab {
namespace {

lab_time sending_time(std::size_t bytes, std::uint64_t bits_per_second) {
    // A packet has less than 2^16 bytes, so that nothing overflows.
    return lab_time{static_cast<std::int64_t>(bytes * 8 * 1'000'000'000U / bits_per_second)};
}

}  // namespace

link::link(link_options options, std::uint64_t seed, std::uint32_t purpose)
    : options_{std::move(options)},
      loss_{options_.loss, seed, purpose * 8},
      reorder_{seed, purpose * 8 + 1},
      duplicate_{seed, purpose * 8 + 2},
      corrupt_{seed, purpose * 8 + 3},
      mark_{seed, purpose * 8 + 4} {}

bool link::passes_lists(lab_time now, const packet& bytes) {
    const auto facts = read_packet(bytes);
    if (facts && facts->protocol != transport_protocol::other) {
        counters_.payload_in += facts->payload_bytes;
        counters_.datagrams_in += facts->protocol == transport_protocol::udp ? 1 : 0;
    }
    if (std::ranges::any_of(options_.blackholes, [now](const time_span& hole) {
            return now >= hole.from && now < hole.to;
        })) {
        ++counters_.dropped_by_blackhole;
        return false;
    }
    bool listed = false;
    for (auto& rule : options_.drops) {
        listed = (facts && rule.drops(*facts, now)) || listed;  // Every rule counts every packet.
    }
    if (listed) {
        ++counters_.dropped_by_list;
        counters_.list_dropped_at = now;
    }
    return !listed;
}

// When the packet has left the bottleneck; nothing if its queue is full.
std::optional<lab_time> link::through_bottleneck(lab_time now, std::size_t bytes) {
    while (!queue_.empty() && queue_.front().until <= now) {
        queued_bytes_ -= queue_.front().bytes;
        queue_.pop_front();
    }
    if (options_.bits_per_second == 0) {
        return now;
    }
    if (queued_bytes_ + bytes > options_.queue_bytes) {
        return std::nullopt;
    }
    // The token bucket as a virtual clock: it may run ahead by what the bucket holds.
    const auto ahead = sending_time(options_.burst_bytes, options_.bits_per_second);
    free_at_ = std::max(free_at_, now) + sending_time(bytes, options_.bits_per_second);
    const auto until = std::max(now, free_at_ - ahead);
    queue_.push_back({until, bytes});
    queued_bytes_ += bytes;
    counters_.queued_bytes_max = std::max<std::uint64_t>(counters_.queued_bytes_max, queued_bytes_);
    return until;
}

void link::damage(packet& bytes, std::size_t queued_before) {
    const bool by_chance = mark_.happens(options_.ecn_mark);
    const bool by_queue = options_.ecn_mark_above > 0 && queued_before > options_.ecn_mark_above;
    if ((by_chance || by_queue) && read_packet(bytes) && mark_congestion(bytes)) {
        ++counters_.marked;
    }
    if (corrupt_.happens(options_.corrupt) && corrupt_payload(bytes, corrupt_.number())) {
        ++counters_.corrupted;
    }
}

void link::send(lab_time at, packet bytes) {
    leaving_.push({at, order_, std::move(bytes)});
    ++order_;
}

void link::push(lab_time now, packet bytes) {
    ++counters_.packets_in;
    counters_.bytes_in += bytes.size();
    // Chance is asked for every packet, so that a rule does not shift what befalls later ones.
    const bool lost = loss_.loses_next();
    const bool late = reorder_.happens(options_.reorder);
    const bool twice = duplicate_.happens(options_.duplicate);
    const auto queued_before = queued_bytes_;
    if (!passes_lists(now, bytes)) {
        return;
    }
    const auto through = through_bottleneck(now, bytes.size());
    if (!through || leaving_.size() >= in_flight_max) {
        ++counters_.dropped_by_queue;
        return;
    }
    if (lost) {
        ++counters_.dropped_by_loss;
        return;
    }
    damage(bytes, queued_before);
    const auto at = *through + options_.delay + (late ? options_.reorder_by : lab_time{0});
    counters_.reordered += late ? 1 : 0;
    if (twice) {
        ++counters_.duplicated;
        send(at, bytes);
    }
    send(at, std::move(bytes));
}

std::optional<lab_time> link::next() const {
    return leaving_.empty() ? std::nullopt : std::optional{leaving_.top().at};
}

std::optional<packet> link::pop(lab_time now) {
    if (leaving_.empty() || leaving_.top().at > now) {
        return std::nullopt;
    }
    // A priority queue shows its top as const, so that nobody changes the order. Moving the bytes
    // does not.
    packet bytes = std::move(const_cast<leaving&>(leaving_.top()).bytes);
    leaving_.pop();
    ++counters_.packets_out;
    counters_.bytes_out += bytes.size();
    const auto facts = read_packet(bytes);
    if (facts && facts->protocol != transport_protocol::other) {
        counters_.payload_out += facts->payload_bytes;
        counters_.datagrams_out += facts->protocol == transport_protocol::udp ? 1 : 0;
    }
    return bytes;
}

}  // namespace ringway::lab
