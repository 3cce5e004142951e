// The connection IDs that a server gives out: who has the connection can be read from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {

/// 18 bytes: generation (3 bits) and length - 1 (5 bits), shard, node (2), nonce (14). The first
/// byte is laid out as in draft-ietf-quic-load-balancers, so that foreign ones are mostly told
/// apart, and routers that read them can find the length.
constexpr std::size_t connection_id_bytes = 18;

constexpr unsigned shards_max = 255;
constexpr unsigned generations_max = 7;  ///< The 8th means "can't be routed" there.

struct connection_owner {
    std::uint8_t generation = 0;  ///< Of the process: so that a successor knows what is not its.
    std::uint8_t shard = 0;
    std::uint16_t node = 0;  ///< The machine, behind a load balancer.

    friend bool operator==(const connection_owner&, const connection_owner&) = default;
};

/// A new one, which nobody can guess. Requires generation < generations_max and
/// shard < shards_max. For one process: a forked child would repeat its parent's.
[[nodiscard]] ngtcp2_cid make_connection_id(const connection_owner& owner) noexcept;

/// Who made `id`; nothing when it does not look like ours. Anybody can make one that does.
[[nodiscard]] std::optional<connection_owner> owner_of(byte_view id) noexcept;

/// Fills `into` with bytes that nobody can guess, from a store of the thread's own: a call into the
/// library per few dozen IDs. Any thread.
void fill_random(byte_span into) noexcept;

}  // namespace ringway::quic::detail
