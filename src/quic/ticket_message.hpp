// What a client reads from a NewSessionTicket message before GnuTLS does.
#pragma once

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {

/// Whether the body of the message has the early_data extension (RFC 8446 section 4.6.1): GnuTLS
/// would send early data without it. False when it is damaged: GnuTLS refuses it afterwards.
[[nodiscard]] bool allows_early_data(byte_view message) noexcept;

}  // namespace ringway::quic::detail
