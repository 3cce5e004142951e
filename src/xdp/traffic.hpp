// Datagrams in numbers: a frame that is copied, and changed where one differs from the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/xdp/match.hpp>

#include "xdp/build.hpp"

namespace ringway::xdp {

/// What a datagram of ours carries in front of its payload, in the order of this machine, as only
/// who sent it reads it.
struct traffic_stamp {
    static constexpr std::uint64_t magic_value = 0x5257'5354'414d'5031;

    std::uint64_t magic = 0;
    std::uint64_t number = 0;
    std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
};

/// Makes frames of one size for one target, from several sources in turn.
class traffic {
public:
    /// `how` says who sends to whom. Source number i has the i-th address of `sources` behind that
    /// of `how` if it is a real prefix, else the i-th port; both start anew when they are used up.
    /// `frame_bytes`: of each frame; too few for headers become as many as they need.
    traffic(const udp_recipe& how, const prefix& sources, std::uint32_t source_count,
            std::size_t frame_bytes);

    [[nodiscard]] std::size_t frame_bytes() const noexcept { return frame_.size(); }

    /// Writes frame number `number` into `room`, of `frame_bytes()` at least.
    void write(byte_span room, std::uint64_t number, std::chrono::nanoseconds now) const noexcept;

    /// The stamp of a frame, if it has one of ours.
    [[nodiscard]] static std::optional<traffic_stamp> stamp_of(byte_view frame) noexcept;

private:
    void write_source(byte_span frame, std::uint32_t source) const noexcept;

    std::vector<std::byte> frame_;  // Its variable fields are zero, and so are both checksums.
    frame_headers headers_;
    prefix sources_;
    std::uint32_t source_count_;
    std::uint64_t addresses_;  // How many the prefix has; 1: ports vary instead.
    std::uint16_t first_port_;
    bool has_stamp_;
    std::uint64_t header_sum_ = 0;     // Of IPv4's header without the source address.
    std::uint64_t transport_sum_ = 0;  // Of the rest, without source and stamp.
};

}  // namespace ringway::xdp
