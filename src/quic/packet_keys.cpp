#include "quic/packet_keys.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/key_schedule.hpp"

namespace ringway::quic::detail {
namespace {

struct labels {
    std::string_view key;
    std::string_view iv;
    std::string_view header;
    std::string_view update;
};

constexpr labels version_1{"quic key", "quic iv", "quic hp", "quic ku"};
constexpr labels version_2{"quicv2 key", "quicv2 iv", "quicv2 hp", "quicv2 ku"};

const labels& labels_of(std::uint32_t version) noexcept {
    return version == NGTCP2_PROTO_VER_V2 ? version_2 : version_1;
}

}  // namespace

packet_keys::~packet_keys() {
    tls::wipe(key);
    tls::wipe(iv);
    tls::wipe(header_key);
}

void derive_keys(packet_keys& into, std::uint32_t version, tls::cipher with,
                 byte_view secret) noexcept {
    const labels& named = labels_of(version);
    into.key_bytes = tls::key_bytes_of(with);
    tls::expand_label(with, secret, named.key, byte_span{into.key}.first(into.key_bytes));
    tls::expand_label(with, secret, named.iv, into.iv);
    tls::expand_label(with, secret, named.header, byte_span{into.header_key}.first(into.key_bytes));
}

tls::secret updated_secret(std::uint32_t version, tls::cipher with, byte_view secret) noexcept {
    std::array<std::byte, tls::secret::bytes_max> next{};
    const byte_span used = byte_span{next}.first(tls::secret_bytes_of(with));
    tls::expand_label(with, secret, labels_of(version).update, used);
    const tls::secret made{used};
    tls::wipe(next);
    return made;
}

}  // namespace ringway::quic::detail
