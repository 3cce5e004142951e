#include "support/made_packet.hpp"

#include <arpa/inet.h>

namespace ringway::test {
namespace {

void put_u16(lab::packet& to, std::size_t at, std::size_t value) {
    to[at] = static_cast<std::byte>(value >> 8U);
    to[at + 1] = static_cast<std::byte>(value);
}

void put_v4_head(lab::packet& to, unsigned ecn, unsigned protocol) {
    to[0] = std::byte{0x45};
    to[1] = static_cast<std::byte>(ecn);
    put_u16(to, 2, to.size());
    to[8] = std::byte{64};
    to[9] = static_cast<std::byte>(protocol);
    ::inet_pton(AF_INET, "10.77.0.1", &to[12]);
    ::inet_pton(AF_INET, "10.77.0.2", &to[16]);
}

void put_v6_head(lab::packet& to, unsigned ecn, unsigned protocol) {
    to[0] = std::byte{0x60};
    to[1] = static_cast<std::byte>(ecn << 4U);
    put_u16(to, 4, to.size() - 40);
    to[6] = static_cast<std::byte>(protocol);
    to[7] = std::byte{64};
    ::inet_pton(AF_INET6, "fd77::1", &to[8]);
    ::inet_pton(AF_INET6, "fd77::2", &to[24]);
}

}  // namespace

lab::packet made_packet(const packet_recipe& recipe) {
    const bool udp = recipe.protocol == lab::transport_protocol::udp;
    const std::size_t ip = recipe.v6 ? 40 : 20;
    const std::size_t transport = udp ? 8 : 20;
    lab::packet made(ip + transport + recipe.payload_bytes);
    (recipe.v6 ? put_v6_head : put_v4_head)(made, recipe.ecn, udp ? 17 : 6);
    put_u16(made, ip, recipe.source_port);
    put_u16(made, ip + 2, recipe.destination_port);
    if (udp) {
        put_u16(made, ip + 4, transport + recipe.payload_bytes);
    } else {
        made[ip + 12] = std::byte{0x50};
    }
    for (std::size_t i = 0; i < recipe.payload_bytes; ++i) {
        made[ip + transport + i] = static_cast<std::byte>(recipe.fill + i);
    }
    lab::write_checksums(made);
    return made;
}

std::string_view payload_of(const lab::packet& bytes) {
    const auto facts = lab::read_packet(bytes);
    return facts ? as_text(byte_view{bytes}.subspan(facts->payload_offset)) : std::string_view{};
}

}  // namespace ringway::test
