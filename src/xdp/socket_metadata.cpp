// What a packet asks of the driver when it is sent, what comes back of that, and what came along
// when it was received.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <ringway/base/assert.hpp>
#include <ringway/xdp/hints.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/umem.hpp>

#include "xdp/received_hints.hpp"
#include "xdp/socket_rings.hpp"
#include "xdp/uapi.hpp"

namespace ringway::xdp {
namespace {

constexpr std::size_t sent_times_max = 1024;

// The block of a packet, empty if nothing has been asked for yet.
uapi::transmit_metadata_block block_at(const std::byte* place, const packet& one) noexcept {
    uapi::transmit_metadata_block block{};
    if ((one.flags & packet::flag_metadata) != 0) {
        std::memcpy(&block, place, sizeof(block));
    }
    return block;
}

}  // namespace

std::byte* xdp_socket::metadata_of(const packet& one) const noexcept {
    RW_ASSERT(memory_.options().metadata_bytes >= sizeof(uapi::transmit_metadata_block));
    return one.data - memory_.options().metadata_bytes;
}

void xdp_socket::request_checksum(packet& one, std::uint16_t start,
                                  std::uint16_t offset) const noexcept {
    std::byte* const place = metadata_of(one);
    auto block = block_at(place, one);
    block.flags |= uapi::metadata_checksum;
    block.checksum_start = start;
    block.checksum_offset = offset;
    std::memcpy(place, &block, sizeof(block));
    one.flags |= packet::flag_metadata;
}

void xdp_socket::request_timestamp(packet& one, std::uint64_t label) const noexcept {
    std::byte* const place = metadata_of(one);
    auto block = block_at(place, one);
    block.flags |= uapi::metadata_timestamp;
    block.launch_time = label;
    std::memcpy(place, &block, sizeof(block));
    one.flags |= packet::flag_metadata;
    rings_->stamps.resize(memory_.options().frames);
    rings_->stamps[memory_.frame_of(one.address)] = true;
}

void xdp_socket::note_sent_time(std::uint64_t address) noexcept {
    rings& own = *rings_;
    const std::size_t frame = memory_.frame_of(address);
    if (!own.stamps[frame]) {
        return;
    }
    own.stamps[frame] = false;
    const std::byte* const place = memory_.memory() + address - memory_.options().metadata_bytes;
    uapi::transmit_metadata_block block{};
    std::uint64_t time_ns = 0;
    std::memcpy(&block, place, sizeof(block));
    std::memcpy(&time_ns, place + uapi::sent_time_offset, sizeof(time_ns));
    if (own.sent_times.size() < sent_times_max) {
        own.sent_times.push_back(
            {.label = block.launch_time,
             .time = std::chrono::nanoseconds{static_cast<std::int64_t>(time_ns)}});
    }
}

std::size_t xdp_socket::take_sent_times(std::span<sent_time> into) noexcept {
    reap();
    auto& from = rings_->sent_times;
    const std::size_t count = std::min(into.size(), from.size());
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(from.begin(), end, into.begin());
    from.erase(from.begin(), end);
    return count;
}

// Only where the kernel put the packet was the place in front of it cleared before.
received_hints xdp_socket::hints_of(const packet& one) const noexcept {
    const std::uint64_t frame =
        std::uint64_t{memory_.frame_of(one.address)} * memory_.options().frame_bytes;
    if (!options_.hints || one.address != frame + driver_headroom ||
        one.data != memory_.memory() + one.address) {
        return {};
    }
    return read_hints(one.data);
}

}  // namespace ringway::xdp
