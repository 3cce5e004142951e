// Which packets are meant: protocol, ports and prefixes, as rules for the program in the kernel.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::xdp {

/// An address of IPv4 or IPv6 with the number of bits that count.
struct prefix {
    std::array<std::uint8_t, 16> address{};  ///< IPv4 in the last four bytes.
    std::uint8_t bits = 0;                   ///< Of the family's 32 or 128.
    bool is_v6 = false;
};

/// Reads "10.0.0.0/8", "192.0.2.1", "2001:db8::/32". The error is one sentence for the user. Bits
/// behind the prefix are cleared.
[[nodiscard]] std::expected<prefix, std::string> parse_prefix(std::string_view text);

/// As `parse_prefix` reads it; without "/32" and "/128".
[[nodiscard]] std::string to_text(const prefix& what);

/// A packet is meant if all that is set here fits.
struct match_rule {
    std::uint16_t ether_type = 0;  ///< 0: any.
    std::uint8_t ip_version = 0;   ///< 4, 6; 0: any. ARP has none.
    int protocol = -1;             ///< IP protocol; -1: any.
    int source_port = -1;          ///< Of TCP, UDP and SCTP; -1: any.
    int target_port = -1;
    int icmp_type = -1;  ///< Of ICMP and ICMPv6; -1: any.
    prefix source;       ///< `bits` 0 and no `ip_version`: any.
    prefix target;

    /// In every packet it is five words; see bpf/xdp_steer.h.
    static constexpr std::size_t words = 5;
    struct compiled {
        std::array<std::uint64_t, words> value{}, mask{};
    };
    /// As the program compares it.
    [[nodiscard]] compiled compile() const noexcept;
};

}  // namespace ringway::xdp
