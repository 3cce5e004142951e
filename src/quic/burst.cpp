#include "quic/burst.hpp"

#include <ringway/base/assert.hpp>
#include <ringway/net/datagram.hpp>

#include "quic/packet_protection.hpp"
#include "quic/udp_port.hpp"

namespace ringway::quic::detail {
namespace {

// What one send may hold (UDP over IPv4).
constexpr std::size_t send_bytes_max = 65507;
// Packets that differ in a pass, as those of many connections with little to say.
constexpr std::size_t batches_max = 256;

}  // namespace

burst::burst() : buffer_{std::make_unique_for_overwrite<std::byte[]>(bytes_max)} {
    batches_.reserve(batches_max);
}

byte_span burst::room(std::size_t wanted) {
    RW_ASSERT(wanted <= bytes_max);
    if (bytes_max - used_ < wanted || batches_.size() == batches_max) {
        flush();
    }
    return {buffer_.get() + used_, bytes_max - used_};
}

void burst::add(std::size_t bytes, const ngtcp2_path& path, std::uint8_t ecn, bool alone) {
    RW_ASSERT(bytes > 0 && bytes <= bytes_max - used_ && path.user_data != nullptr);
    if (!alone && extends_last(bytes, path, ecn)) {
        batch& last = batches_.back();
        last.end += bytes;
        last.complete = bytes < last.segment;
    } else {
        RW_ASSERT(batches_.size() < batches_max);  // A path points into itself: none may move.
        batch& fresh = batches_.emplace_back();
        fresh.begin = used_;
        fresh.end = used_ + bytes;
        fresh.segment = bytes;
        fresh.complete = alone;
        fresh.ecn = ecn;
        ngtcp2_path_storage_zero(&fresh.path);
        ngtcp2_path_copy(&fresh.path.path, &path);
    }
    used_ += bytes;
}

bool burst::extends_last(std::size_t bytes, const ngtcp2_path& path,
                         std::uint8_t ecn) const noexcept {
    if (batches_.empty()) {
        return false;
    }
    const batch& last = batches_.back();
    const std::size_t total = last.end - last.begin;
    return !last.complete && bytes <= last.segment && ecn == last.ecn &&
           total + bytes <= send_bytes_max &&
           total / last.segment < datagram_socket::segments_max &&
           path.user_data == last.path.path.user_data &&
           ngtcp2_path_eq(&path, &last.path.path) != 0;
}

void burst::flush() {
    if (batches_.empty()) {
        return;
    }
    seal_pending_packets();
    for (const batch& each : batches_) {
        static_cast<udp_port*>(each.path.path.user_data)
            ->send({{buffer_.get() + each.begin, each.end - each.begin},
                    &each.path.path,
                    each.segment,
                    each.ecn});
    }
    batches_.clear();
    used_ = 0;
}

}  // namespace ringway::quic::detail
