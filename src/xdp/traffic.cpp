#include "xdp/traffic.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>

#include <ringway/xdp/match.hpp>

#include "xdp/build.hpp"
#include "xdp/checksum.hpp"
#include "xdp/headers.hpp"

namespace ringway::xdp {
namespace {

constexpr std::size_t udp_bytes = 8;
constexpr std::size_t v4_header_bytes = 20;

std::uint64_t addresses_in(const prefix& what) noexcept {
    const unsigned free = (what.is_v6 ? 128U : 32U) - what.bits;
    return what.bits == 0 ? 1 : std::uint64_t{1} << std::min(free, 32U);
}

}  // namespace

traffic::traffic(const udp_recipe& how, const prefix& sources, std::uint32_t source_count,
                 std::size_t frame_bytes)
    : sources_{sources},
      source_count_{source_count},
      addresses_{addresses_in(sources)},
      first_port_{how.source_port} {
    udp_recipe bare = how;
    bare.source = {};
    bare.source_port = 0;
    if (addresses_ == 1) {
        sources_.address = how.source;
    }
    const std::size_t head = udp_overhead(how);
    frame_.resize(std::max(frame_bytes, head));
    build_udp(frame_, bare, frame_.size() - head);
    headers_ = *parse_frame(frame_);
    has_stamp_ = frame_.size() >= head + sizeof(traffic_stamp);
    store16(frame_, headers_.transport + 6, 0);
    if (!how.is_v6) {
        store16(frame_, headers_.network + 10, 0);
        header_sum_ = add_words(byte_view{frame_}.subspan(headers_.network, v4_header_bytes));
    }
    const std::size_t bytes = frame_.size() - headers_.transport;
    transport_sum_ = add_words(byte_view{frame_}.subspan(headers_.transport),
                               pseudo_header_sum(headers_, bytes));
}

void traffic::write_source(byte_span frame, std::uint32_t source) const noexcept {
    const bool v6 = headers_.ip_version == 6;
    ip_address address = sources_.address;
    std::uint32_t port = first_port_;
    if (addresses_ > 1) {
        std::uint64_t left = source % addresses_;
        for (std::size_t i = 16; left > 0; left >>= 8U) {
            --i;
            address[i] = static_cast<std::uint8_t>(address[i] | (left & 0xffU));
        }
    } else {
        port = first_port_ + source;
    }
    std::memcpy(&frame[headers_.network + (v6 ? 8 : 12)], &address[v6 ? 0 : 12], v6 ? 16 : 4);
    store16(frame, headers_.transport, static_cast<std::uint16_t>(port));
}

void traffic::write(byte_span room, std::uint64_t number,
                    std::chrono::nanoseconds now) const noexcept {
    const byte_span frame = room.first(frame_.size());
    std::memcpy(frame.data(), frame_.data(), frame_.size());
    write_source(frame, static_cast<std::uint32_t>(number % source_count_));
    const bool v6 = headers_.ip_version == 6;
    const std::uint64_t source =
        add_words(frame.subspan(headers_.network + (v6 ? 8 : 12), v6 ? 16 : 4));
    std::uint64_t sum = transport_sum_ + source + load16(frame, headers_.transport);
    if (has_stamp_) {
        const std::size_t place = headers_.transport + udp_bytes;
        const traffic_stamp stamp{.magic = traffic_stamp::magic_value,
                                  .number = number,
                                  .time_ns = static_cast<std::uint64_t>(now.count())};
        std::memcpy(&frame[place], &stamp, sizeof(stamp));
        sum = add_words(frame.subspan(place, sizeof(stamp)), sum);
    }
    if (!v6) {
        store16(frame, headers_.network + 10, checksum_of(header_sum_ + source));
    }
    const std::uint16_t checksum = checksum_of(sum);
    store16(frame, headers_.transport + 6, checksum == 0 ? 0xffff : checksum);
}

std::optional<traffic_stamp> traffic::stamp_of(byte_view frame) noexcept {
    const auto it = parse_frame(frame);
    traffic_stamp stamp;
    if (!it || it->protocol != protocol_udp || it->transport == 0 ||
        it->end < it->transport + udp_bytes + sizeof(stamp)) {
        return std::nullopt;
    }
    std::memcpy(&stamp, &frame[it->transport + udp_bytes], sizeof(stamp));
    if (stamp.magic != traffic_stamp::magic_value) {
        return std::nullopt;
    }
    return stamp;
}

}  // namespace ringway::xdp
