#include <ringway/xdp/match.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <expected>
#include <fmt/core.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <system_error>

namespace ringway::xdp {
namespace {

constexpr unsigned v4_offset = 12;
constexpr std::uint16_t ether_type_arp = 0x0806;
constexpr int version_of_arp = 1;  // STEER_VERSION_ARP
constexpr int versions_of_ip = 4;  // The bit that 4 and 6 have in common.

unsigned bits_max(const prefix& of) noexcept { return of.is_v6 ? 128 : 32; }

// 16 bytes of which the first `bits` count, behind the padding of IPv4.
std::array<std::uint8_t, 16> mask_of(const prefix& what) noexcept {
    std::array<std::uint8_t, 16> mask{};
    const unsigned skipped = what.is_v6 ? 0 : v4_offset;
    for (unsigned i = 0; i < what.bits; ++i) {
        mask[skipped + i / 8] = static_cast<std::uint8_t>(mask[skipped + i / 8] | 0x80U >> i % 8);
    }
    return mask;
}

void put(match_rule::compiled& into, std::size_t word, const prefix& what) noexcept {
    if (what.bits == 0) {
        return;
    }
    const auto mask = mask_of(what);
    std::memcpy(&into.mask[word], mask.data(), mask.size());
    std::memcpy(&into.value[word], what.address.data(), what.address.size());
}

}  // namespace

std::expected<prefix, std::string> parse_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    prefix made;
    if (::inet_pton(AF_INET, address.c_str(), &made.address[v4_offset]) != 1) {
        made.address = {};
        made.is_v6 = true;
        if (::inet_pton(AF_INET6, address.c_str(), made.address.data()) != 1) {
            return std::unexpected{
                fmt::format("\"{}\" is no address: 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32", text)};
        }
    }
    unsigned bits = bits_max(made);
    if (slash != std::string_view::npos) {
        const auto number = text.substr(slash + 1);
        const auto read = std::from_chars(number.begin(), number.end(), bits);
        if (read.ec != std::errc{} || read.ptr != number.end() || bits > bits_max(made)) {
            return std::unexpected{
                fmt::format("\"{}\": behind the slash stands a number from 0 "
                            "to {}",
                            text, bits_max(made))};
        }
    }
    made.bits = static_cast<std::uint8_t>(bits);
    const auto mask = mask_of(made);
    std::ranges::transform(made.address, mask, made.address.begin(),
                           [](auto a, auto b) { return static_cast<std::uint8_t>(a & b); });
    return made;
}

std::string to_text(const prefix& what) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(what.is_v6 ? AF_INET6 : AF_INET, &what.address[what.is_v6 ? 0 : v4_offset],
                text.data(), text.size());
    return what.bits == bits_max(what) ? std::string{text.data()}
                                       : fmt::format("{}/{}", text.data(), what.bits);
}

match_rule::compiled match_rule::compile() const noexcept {
    static_assert(std::endian::native == std::endian::little);
    compiled made;
    put(made, 0, source);
    put(made, 2, target);
    const auto field = [&made](unsigned shift, std::uint64_t mask, int value) {
        if (value >= 0) {
            made.value[4] |= static_cast<std::uint64_t>(value) << shift;
            made.mask[4] |= mask << shift;
        }
    };
    int version = ip_version == 0 ? -1 : ip_version;
    if (ether_type == ether_type_arp) {
        version = version_of_arp;
    } else if (version < 0 && (source.bits != 0 || target.bits != 0)) {
        version = source.is_v6 || target.is_v6 ? 6 : 4;
    }
    field(48, 0xffff, ether_type == 0 ? -1 : ether_type);
    field(32, 0xffff, source_port);
    field(16, 0xffff, icmp_type >= 0 ? icmp_type : target_port);
    field(8, 0xff, protocol);
    const bool is_of_ip = protocol >= 0 || source_port >= 0 || target_port >= 0 || icmp_type >= 0;
    field(0, 0xff, version);
    if (version < 0 && is_of_ip) {
        field(0, versions_of_ip, versions_of_ip);
    }
    return made;
}

}  // namespace ringway::xdp
