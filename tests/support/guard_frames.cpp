// Frames for the firewall to judge.
#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>

#include "support/guard_model.hpp"

namespace ringway::test {
namespace {

using guard::cidr;
using guard::port_range;

class frame_writer {
public:
    explicit frame_writer(std::mt19937_64& random) : random_{random} {}

    void byte(unsigned value) { bytes.push_back(static_cast<std::byte>(value)); }
    void word(unsigned value) {
        byte(value >> 8U & 255U);
        byte(value & 255U);
    }
    void set_word(std::size_t at, std::size_t value) {
        bytes.at(at) = static_cast<std::byte>(value >> 8U & 255U);
        bytes.at(at + 1) = static_cast<std::byte>(value & 255U);
    }
    void noise(std::size_t count) {
        while (count-- > 0) {
            byte(below(256));
        }
    }
    void fill(std::size_t count) { bytes.resize(bytes.size() + count); }
    unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }
    bool one_in(unsigned count) { return below(count) == 0; }
    unsigned one_of(std::initializer_list<unsigned> choices) {
        return *(choices.begin() + below(static_cast<unsigned>(choices.size())));
    }
    void address(const cidr& range) {
        for (std::size_t i = 0; i < (range.v6 ? 16U : 4U); ++i) {
            byte(range.address.at(i));
        }
    }

    std::vector<std::byte> bytes;

private:
    std::mt19937_64& random_;
};

// Few addresses near each other, so that lists hit them now and then.
cidr near_address(frame_writer& with, bool v6) {
    cidr out{.address = {}, .length = static_cast<std::uint8_t>(v6 ? 128 : 32), .v6 = v6};
    if (v6) {
        out.address = {0x20, 0x01, 0x0d, 0xb8};
        for (const std::size_t at : {4U, 7U, 8U, 15U}) {
            out.address.at(at) = static_cast<std::uint8_t>(with.below(4) * 85);
        }
    } else {
        out.address = {10};
        for (std::size_t at = 1; at < 4; ++at) {
            out.address.at(at) = static_cast<std::uint8_t>(with.below(4) * 85);
        }
    }
    return out;
}

unsigned near_port(frame_writer& with) {
    return with.one_of({22, 23, 53, 67, 68, 80, 443, 546, 547, 8443, 65535});
}

void put_quic(frame_writer& to) {
    to.byte(to.one_of({0xc0, 0xd0, 0x80, 0xe3, 0x40, 0x7f}));
    const std::uint32_t version = to.one_of({0, 1, 0x6b3343cf, 0x1a2a3a4a});
    to.word(version >> 16U);
    to.word(version & 0xffffU);
    to.noise(to.below(40));
}

void put_transport(frame_writer& to, unsigned protocol) {
    if (protocol == 6) {
        to.word(near_port(to));
        to.word(near_port(to));
        to.noise(8);
        to.byte(0x50);
        to.byte(to.one_of({2, 0x12, 0x10, 0x18, 4, 0xc2}));
        to.noise(6 + to.below(20));
    } else if (protocol == 17) {
        to.word(near_port(to));
        to.word(near_port(to));
        to.noise(4);
        if (!to.one_in(4)) {
            put_quic(to);
        }
    } else if (protocol == 58) {
        to.byte(to.one_of({1, 128, 132, 133, 135, 136, 137, 138}));
        to.noise(7 + to.below(20));
    } else {
        to.noise(to.below(40));
    }
}

void put_v4(frame_writer& to, bool lies) {
    const std::size_t head = to.bytes.size();
    const unsigned options = to.one_in(4) ? to.below(11) : 0;
    const unsigned protocol = to.one_of({6, 6, 6, 17, 17, 17, 1, 58, 132});
    to.byte((lies && to.one_in(4) ? to.below(16) : 4) << 4U |
            (lies && to.one_in(4) ? to.below(16) : 5 + options));
    to.byte(0);
    to.word(0);
    to.word(7);
    to.word(to.one_in(5) ? to.one_of({0x2000, 0x2001, 1, 0x1fff, 0x4000, 0x8000}) : 0);
    to.byte(to.below(256));
    to.byte(protocol);
    to.word(0);
    to.address(near_address(to, false));
    to.noise(4 + std::size_t{options} * 4);
    put_transport(to, protocol);
    const auto length = to.bytes.size() - head;
    to.set_word(head + 2, lies && to.one_in(2) ? to.below(90) : length);
}

// What stands behind an extension header is named by `next`.
void put_extension(frame_writer& to, unsigned kind, unsigned next) {
    const unsigned units = kind == 44 ? 0 : to.below(3);
    to.byte(next);
    to.byte(units);
    if (kind == 44) {
        to.word(to.one_of({0, 1, 8, 9, 0xfff8, 6}));
        to.noise(4);
    } else {
        to.noise(kind == 51 ? (std::size_t{units} + 2) * 4 - 2 : (std::size_t{units} + 1) * 8 - 2);
    }
}

void put_v6(frame_writer& to, bool lies) {
    const std::size_t head = to.bytes.size();
    std::vector<unsigned> chain(to.one_in(3) ? to.below(11) : 0);
    for (unsigned& kind : chain) {
        kind = to.one_of({0, 43, 44, 51, 60, 60, 135, 139, 140});
    }
    chain.push_back(to.one_of({6, 6, 17, 17, 58, 58, 59, 132}));
    to.byte((lies && to.one_in(4) ? to.below(16) : 6) << 4U);
    to.noise(3);
    to.word(0);
    to.byte(chain.front());
    to.byte(to.one_of({255, 255, 64}));
    to.address(near_address(to, true));
    to.noise(16);
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        put_extension(to, chain[i], chain[i + 1]);
    }
    put_transport(to, chain.back());
    const auto length = to.bytes.size() - head - 40;
    to.set_word(head + 4, lies && to.one_in(2) ? to.below(90) : length);
}

cidr random_range(frame_writer& with) {
    const bool v6 = with.one_in(2);
    cidr out = near_address(with, v6);
    out.length = static_cast<std::uint8_t>(v6 ? with.one_of({0, 32, 40, 57, 64, 66, 127, 128})
                                              : with.one_of({0, 8, 10, 17, 24, 31, 32}));
    for (unsigned bit = out.length; bit < 128; ++bit) {
        auto& byte = out.address.at(bit / 8);
        byte = static_cast<std::uint8_t>(byte & ~(0x80U >> bit % 8));
    }
    return out;
}

port_range random_ports(frame_writer& with) {
    const auto first = static_cast<std::uint16_t>(near_port(with));
    const unsigned more = with.one_in(3) ? with.below(500) : 0;
    return {.udp = with.one_in(2),
            .first = first,
            .last = static_cast<std::uint16_t>(std::min(65535U, first + more))};
}

}  // namespace

std::vector<std::byte> random_frame(std::mt19937_64& random) {
    frame_writer to{random};
    const bool lies = to.one_in(6);
    to.noise(12);
    for (unsigned tags = to.one_in(3) ? to.below(4) : 0; tags > 0; --tags) {
        to.word(to.one_of({0x8100, 0x88a8}));
        to.word(to.below(65536));
    }
    const unsigned type = to.one_of({0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x86dd, 0x0806});
    to.word(type);
    if (type == 0x0800) {
        put_v4(to, lies);
    } else if (type == 0x86dd) {
        put_v6(to, lies);
    } else {
        to.noise(28);
    }
    if (to.one_in(4)) {
        to.fill(to.below(24));  // As short frames are padded.
    }
    return to.bytes;
}

guard_rules random_rules(std::mt19937_64& random) {
    frame_writer with{random};
    guard_rules out;
    for (auto* const list : {&out.allow, &out.block}) {
        list->resize(with.below(12));
        std::ranges::generate(*list, [&] { return random_range(with); });
    }
    for (auto* const list : {&out.keep_ports, &out.block_ports}) {
        list->resize(with.below(3));
        std::ranges::generate(*list, [&] { return random_ports(with); });
    }
    out.quic_ports = {443, 8443};
    return out;
}

std::vector<std::byte> made_frame(const frame_recipe& recipe) {
    std::mt19937_64 unused;  // NOLINT(bugprone-random-generator-seed)
    frame_writer to{unused};
    const bool v6 = recipe.source.v6;
    const std::size_t transport = (recipe.udp ? 8 : 20) + recipe.payload.size();
    to.fill(12);
    to.word(v6 ? 0x86dd : 0x0800);
    const unsigned protocol = recipe.udp ? 17 : 6;
    if (v6) {
        to.word(0x6000);
        to.word(0);
        to.word(static_cast<unsigned>(transport));
        to.byte(protocol);
        to.byte(64);
        to.address(recipe.source);
        to.fill(16);
    } else {
        to.word(0x4500);
        to.word(static_cast<unsigned>(20 + transport));
        to.word(0);
        to.word(0);
        to.word(0x4000U | protocol);
        to.word(0);
        to.address(recipe.source);
        to.fill(4);
    }
    to.word(recipe.source_port);
    to.word(recipe.port);
    if (recipe.udp) {
        to.word(static_cast<unsigned>(transport));
        to.word(0);
    } else {
        to.fill(8);
        to.byte(0x50);
        to.byte(recipe.tcp_flags);
        to.fill(6);
    }
    to.bytes.insert(to.bytes.end(), recipe.payload.begin(), recipe.payload.end());
    return to.bytes;
}

}  // namespace ringway::test
