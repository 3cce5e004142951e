// Handshake messages as a peer may send them: however they are cut, the verdict is the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

#include "quic/handshake_guard.hpp"
#include "quic/ticket_message.hpp"

namespace quic = ringway::quic::detail;
using quic::handshake_guard;

namespace {

handshake_guard::verdict judge(handshake_guard::side ours, ngtcp2_encryption_level level,
                               ringway::byte_view bytes, std::size_t piece_bytes) {
    handshake_guard guard{ours};
    auto said = handshake_guard::verdict::fine;
    while (!bytes.empty() && said == handshake_guard::verdict::fine) {
        const auto piece = bytes.first(std::min(piece_bytes, bytes.size()));
        bytes = bytes.subspan(piece.size());
        said = guard.judge(level, piece);
    }
    return said;
}

}  // namespace

// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t piece_bytes = std::max<std::size_t>(data[0], 1);
    const ringway::byte_view rest{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    for (const auto ours : {handshake_guard::side::server, handshake_guard::side::client}) {
        for (const auto level : {NGTCP2_ENCRYPTION_LEVEL_INITIAL, NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE,
                                 NGTCP2_ENCRYPTION_LEVEL_1RTT}) {
            RW_ASSERT(judge(ours, level, rest, piece_bytes) == judge(ours, level, rest, size));
        }
    }
    static_cast<void>(quic::allows_early_data(rest));
    return 0;
}
