// Address tokens and connection IDs as anybody may send them, and what becomes of good ones when a
// byte is changed.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/net/endpoint.hpp>

#include "quic/connection_id.hpp"
#include "quic/tokens.hpp"

namespace quic = ringway::quic::detail;

namespace {

constexpr ringway::nanoseconds now = std::chrono::seconds{1'800'000'000};
constexpr std::uint32_t version = NGTCP2_PROTO_VER_V1;

// The token, changed where the input says.
std::vector<std::byte> changed(std::vector<std::byte> token, ringway::byte_view by) {
    for (std::size_t i = 0; i < std::min(token.size(), by.size()); ++i) {
        token[i] ^= by[i];
    }
    return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const quic::token_keys keys{quic::master_secret{}};
    static const ringway::endpoint client = ringway::endpoint::loopback(4433);
    static const ngtcp2_cid ours = quic::make_connection_id({.shard = 1});
    static const auto retry = keys.make_retry(version, client, ours, ours, now);
    static const auto address = keys.make_address(client, now);
    const ringway::byte_view given{reinterpret_cast<const std::byte*>(data), size};

    RW_ASSERT(!keys.open_retry(given, version, client, ours, now).has_value());
    RW_ASSERT(!keys.opens_address(given, client, now));
    const bool differs = std::ranges::any_of(given.first(std::min(size, address.size())),
                                             [](std::byte each) { return each != std::byte{}; });
    const bool opens = keys.opens_address(changed(address, given), client, now);
    RW_ASSERT(opens != differs);
    const auto spoiled = changed(retry, given);
    RW_ASSERT(keys.open_retry(spoiled, version, client, ours, now).has_value() ==
              (spoiled == retry));
    RW_ASSERT(size > 0 || !quic::token_keys::is_retry(given));

    const auto owner = quic::owner_of(given);
    RW_ASSERT(!owner || (size == quic::connection_id_bytes && owner->shard < quic::shards_max &&
                         owner->generation < quic::generations_max));
    return 0;
}
