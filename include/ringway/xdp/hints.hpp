// What a network card told of a packet that it received, beside the packet.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ringway::xdp {

/// A tag of 802.1Q or 802.1ad that the card took out of a packet.
struct vlan_tag {
    std::uint16_t protocol = 0;  ///< 0x8100 or 0x88a8.
    std::uint16_t control = 0;   ///< Priority, drop eligibility and, in the lower 12 bits, number.

    [[nodiscard]] std::uint16_t number() const noexcept { return control & 0xfffU; }
    friend bool operator==(const vlan_tag&, const vlan_tag&) = default;
};

/// The hints of XDP (Documentation/networking/xdp-rx-metadata.rst of Linux; 6.3, tags 6.8). Each is
/// there when the driver knew it of this packet.
struct received_hints {
    /// When it arrived, by the clock of the card: that of /dev/ptpN, which is TAI where ptp4l keeps
    /// it, and anything where nobody does.
    std::optional<std::chrono::nanoseconds> time;
    std::optional<std::uint32_t> hash;
    std::uint32_t hash_kind = 0;  ///< What the hash is of: see `to_text_of_hash_kind`.
    std::optional<vlan_tag> vlan;

    [[nodiscard]] bool any() const noexcept { return time || hash || vlan; }
    friend bool operator==(const received_hints&, const received_hints&) = default;
};

/// What a hash is of: "ipv4 tcp", "ipv6 udp", "l4" where the driver says no more; "" for unknown.
[[nodiscard]] std::string to_text_of_hash_kind(std::uint32_t kind);

}  // namespace ringway::xdp
