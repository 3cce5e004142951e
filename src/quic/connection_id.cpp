#include "quic/connection_id.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <optional>
#include <span>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {
namespace {

constexpr std::size_t nonce_at = 4;
constexpr unsigned length_bits = 0x1f;
constexpr unsigned generation_shift = 5;

void draw(byte_span into) noexcept {
    const int failed = gnutls_rnd(GNUTLS_RND_RANDOM, into.data(), into.size());
    RW_ASSERT(failed == 0);
}

struct random_store {
    std::array<std::byte, 1024> bytes{};
    std::size_t left = 0;
};

}  // namespace

void fill_random(byte_span into) noexcept {
    thread_local random_store store;
    if (into.size() > store.bytes.size() / 4) {
        draw(into);
        return;
    }
    if (store.left < into.size()) {
        draw(store.bytes);
        store.left = store.bytes.size();
    }
    store.left -= into.size();
    const byte_span used = std::span{store.bytes}.subspan(store.left, into.size());
    std::ranges::copy(used, into.begin());
    std::ranges::fill(used, std::byte{});  // What was given out is not kept.
}

ngtcp2_cid make_connection_id(const connection_owner& owner) noexcept {
    RW_ASSERT(owner.generation < generations_max && owner.shard < shards_max);
    ngtcp2_cid made{};
    made.datalen = connection_id_bytes;
    made.data[0] = static_cast<std::uint8_t>((unsigned{owner.generation} << generation_shift) |
                                             (connection_id_bytes - 1));
    made.data[1] = owner.shard;
    made.data[2] = static_cast<std::uint8_t>(owner.node >> 8U);
    made.data[3] = static_cast<std::uint8_t>(owner.node & 0xffU);
    fill_random(
        std::as_writable_bytes(std::span{made.data}.first(connection_id_bytes)).subspan(nonce_at));
    return made;
}

std::optional<connection_owner> owner_of(byte_view id) noexcept {
    if (id.size() != connection_id_bytes) {
        return {};
    }
    const auto first = std::to_integer<unsigned>(id[0]);
    connection_owner found;
    found.generation = static_cast<std::uint8_t>(first >> generation_shift);
    found.shard = std::to_integer<std::uint8_t>(id[1]);
    found.node = static_cast<std::uint16_t>((std::to_integer<unsigned>(id[2]) << 8U) |
                                            std::to_integer<unsigned>(id[3]));
    const bool is_ours = (first & length_bits) == connection_id_bytes - 1 &&
                         found.generation < generations_max && found.shard < shards_max;
    return is_ours ? std::optional{found} : std::nullopt;
}

}  // namespace ringway::quic::detail
