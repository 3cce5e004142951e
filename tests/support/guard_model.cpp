#include "support/guard_model.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace ringway::test {
namespace {

using guard::cidr;

// Big-endian reads that know where the frame ends.
class frame_reader {
public:
    explicit frame_reader(std::span<const std::byte> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool has(std::size_t at, std::size_t size) const {
        return at + size <= std::min(bytes_.size(), end_);
    }
    [[nodiscard]] unsigned byte(std::size_t at) const {
        return std::to_integer<unsigned>(bytes_[at]);
    }
    [[nodiscard]] unsigned word(std::size_t at) const { return byte(at) << 8U | byte(at + 1); }
    [[nodiscard]] std::uint32_t long_word(std::size_t at) const {
        return std::uint32_t{word(at)} << 16U | word(at + 2);
    }
    [[nodiscard]] cidr address(std::size_t at, bool v6) const {
        cidr out{.address = {}, .length = static_cast<std::uint8_t>(v6 ? 128 : 32), .v6 = v6};
        std::memcpy(out.address.data(), bytes_.data() + at, v6 ? 16 : 4);
        return out;
    }
    void end_at(std::size_t at) { end_ = at; }

private:
    std::span<const std::byte> bytes_;
    std::size_t end_ = static_cast<std::size_t>(-1);
};

struct found {
    bool ip = false;
    bool other = false;
    cidr source;
    std::size_t at = 0;
    unsigned protocol = 0;
    unsigned hop_limit = 0;
    bool headless = false;  // A later fragment.
    bool broken = false;
    std::optional<std::pair<unsigned, unsigned>> ports;
    bool syn = false;
    bool initial = false;
    bool discovery = false;
};

void read_v4(frame_reader& in, found& out) {
    if (!in.has(out.at, 20) || in.byte(out.at) >> 4U != 4) {
        return;
    }
    const std::size_t words = in.byte(out.at) & 15U;
    const std::size_t total = in.word(out.at + 2);
    if (words < 5 || total < words * 4) {
        return;
    }
    out.ip = true;
    out.source = in.address(out.at + 12, false);
    out.protocol = in.byte(out.at + 9);
    out.headless = (in.word(out.at + 6) & 0x1fffU) != 0;
    out.broken = !in.has(out.at, words * 4);
    in.end_at(out.at + total);
    out.at += words * 4;
}

void read_v6(frame_reader& in, found& out) {
    if (!in.has(out.at, 40) || in.byte(out.at) >> 4U != 6) {
        return;
    }
    out.ip = true;
    out.source = in.address(out.at + 8, true);
    out.protocol = in.byte(out.at + 6);
    out.hop_limit = in.byte(out.at + 7);
    if (const auto payload = in.word(out.at + 4); payload != 0) {
        in.end_at(out.at + 40 + payload);
    }
    out.at += 40;
    constexpr std::array<unsigned, 8> extensions{0, 43, 44, 51, 60, 135, 139, 140};
    for (int passed = 0; std::ranges::find(extensions, out.protocol) != extensions.end();
         ++passed) {
        if (passed == 8 || !in.has(out.at, 8)) {
            out.broken = true;
            return;
        }
        const auto kind = std::exchange(out.protocol, in.byte(out.at));
        if (kind == 44 && in.word(out.at + 2) >> 3U != 0) {
            out.headless = true;
            return;
        }
        const std::size_t units = in.byte(out.at + 1);
        out.at += kind == 44 ? 8 : kind == 51 ? (units + 2) * 4 : (units + 1) * 8;
    }
}

void read_udp(const frame_reader& in, found& out) {
    const bool dhcp =
        out.source.v6 ? *out.ports == std::pair{547U, 546U} : *out.ports == std::pair{67U, 68U};
    out.discovery = dhcp;
    if (in.has(out.at + 8, 5) && in.byte(out.at + 8) >= 0x80) {
        const unsigned type = in.byte(out.at + 8) >> 4U & 3U;
        const auto version = in.long_word(out.at + 9);
        out.initial = version == 1 ? type == 0 : version != 0x6b3343cf || type == 1;
    }
}

void read_transport(const frame_reader& in, found& out) {
    const bool neighbours = out.source.v6 && out.protocol == 58;
    const std::size_t least = out.protocol == 6 ? 20 : out.protocol == 17 ? 8 : neighbours ? 4 : 0;
    if (out.headless || out.broken || least == 0) {
        return;
    }
    if (!in.has(out.at, least)) {
        out.broken = true;
    } else if (neighbours) {
        const unsigned type = in.byte(out.at);
        out.discovery = out.hop_limit == 255 && type >= 133 && type <= 137;
    } else {
        out.ports.emplace(in.word(out.at), in.word(out.at + 2));
        if (out.protocol == 17) {
            read_udp(in, out);
        } else {
            out.syn = (in.byte(out.at + 13) & 0x12U) == 2;
        }
    }
}

found read_all(std::span<const std::byte> frame) {
    frame_reader in{frame};
    found out;
    if (!in.has(12, 2)) {
        return out;
    }
    unsigned type = in.word(12);
    out.at = 14;
    for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); ++tags) {
        if (!in.has(out.at + 2, 2)) {
            return out;
        }
        type = in.word(out.at + 2);
        out.at += 4;
    }
    if (type == 0x0800) {
        read_v4(in, out);
    } else if (type == 0x86dd) {
        read_v6(in, out);
    } else {
        out.other = true;
    }
    if (out.ip) {
        read_transport(in, out);
    }
    return out;
}

bool is_in(const std::vector<cidr>& list, const cidr& source) {
    return std::ranges::any_of(list, [&](const cidr& each) { return each.contains(source); });
}

bool is_in(const std::vector<guard::port_range>& list, const found& packet) {
    return packet.ports && std::ranges::any_of(list, [&](const guard::port_range& each) {
               return each.udp == (packet.protocol == 17) && packet.ports->second >= each.first &&
                      packet.ports->second <= each.last;
           });
}

guard_reason judge(const found& packet, const guard_rules& rules) {
    if (packet.other) {
        return GUARD_NOT_IP;
    }
    if (!packet.ip) {
        return GUARD_UNPARSED;
    }
    if (packet.discovery || is_in(rules.keep_ports, packet)) {
        return GUARD_KEPT;
    }
    if (is_in(rules.allow, packet.source)) {
        return GUARD_ALLOWED;
    }
    if (is_in(rules.block, packet.source)) {
        return GUARD_BLOCKED;
    }
    if (is_in(rules.block_ports, packet)) {
        return GUARD_PORT;
    }
    return packet.broken ? GUARD_UNPARSED : GUARD_PLAIN;
}

}  // namespace

guard_reading read_frame(std::span<const std::byte> frame, const guard_rules& rules) {
    const found packet = read_all(frame);
    const bool quic = packet.ports && std::ranges::find(rules.quic_ports, packet.ports->second) !=
                                          rules.quic_ports.end();
    return {.reason = judge(packet, rules), .syn = packet.syn, .initial = packet.initial && quic};
}

}  // namespace ringway::test
