#include "quic/handshake_guard.hpp"

#include <algorithm>
#include <cstddef>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {
namespace {

// RFC 8446 section B.3, RFC 8879 section 4.
enum message : unsigned {
    client_hello = 1,
    server_hello = 2,
    new_session_ticket = 4,
    encrypted_extensions = 8,
    certificate = 11,
    certificate_request = 13,
    certificate_verify = 15,
    finished = 20,
    compressed_certificate = 25,
};

bool server_may_say(ngtcp2_encryption_level level, unsigned type) noexcept {
    switch (level) {
        case NGTCP2_ENCRYPTION_LEVEL_INITIAL: return type == server_hello;
        case NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE:
            return type == encrypted_extensions || type == certificate_request ||
                   type == certificate || type == compressed_certificate ||
                   type == certificate_verify || type == finished;
        case NGTCP2_ENCRYPTION_LEVEL_1RTT: return type == new_session_ticket;
        case NGTCP2_ENCRYPTION_LEVEL_0RTT: break;
    }
    return false;
}

// We ask clients for no certificates, neither while shaking hands nor later.
bool client_may_say(ngtcp2_encryption_level level, unsigned type) noexcept {
    return (level == NGTCP2_ENCRYPTION_LEVEL_INITIAL && type == client_hello) ||
           (level == NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE && type == finished);
}

}  // namespace

handshake_guard::verdict handshake_guard::judge_type(ngtcp2_encryption_level level,
                                                     unsigned type) const noexcept {
    if (ours_ == side::client && level == NGTCP2_ENCRYPTION_LEVEL_1RTT &&
        type == certificate_request) {
        return verdict::protocol_violation;
    }
    const bool may =
        ours_ == side::client ? server_may_say(level, type) : client_may_say(level, type);
    return may ? verdict::fine : verdict::unexpected_message;
}

handshake_guard::verdict handshake_guard::judge(ngtcp2_encryption_level level,
                                                byte_view bytes) noexcept {
    if (level != level_) {
        if (header_filled_ > 0 || body_left_ > 0) {
            return verdict::protocol_violation;
        }
        level_ = level;
    }
    while (!bytes.empty()) {
        if (body_left_ > 0) {
            const std::size_t passed = std::min(body_left_, bytes.size());
            body_left_ -= passed;
            bytes = bytes.subspan(passed);
            continue;
        }
        header_[header_filled_++] = bytes.front();
        bytes = bytes.subspan(1);
        if (header_filled_ == 1) {  // At once: nobody waits for the rest of what can't be.
            const verdict said = judge_type(level, std::to_integer<unsigned>(header_[0]));
            if (said != verdict::fine) {
                return said;
            }
        }
        if (header_filled_ == header_bytes) {
            header_filled_ = 0;
            body_left_ = (std::to_integer<std::size_t>(header_[1]) << 16U) |
                         (std::to_integer<std::size_t>(header_[2]) << 8U) |
                         std::to_integer<std::size_t>(header_[3]);
            if (body_left_ > message_bytes_max) {
                return verdict::too_long;
            }
        }
    }
    return verdict::fine;
}

}  // namespace ringway::quic::detail
