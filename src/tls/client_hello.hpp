// What a server reads from a ClientHello before GnuTLS does.
#pragma once

#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::tls {

/// The host name in the data of a server_name extension (RFC 6066 3); empty when there is none or
/// the data is damaged, which GnuTLS then refuses. Lifetime: that of `extension`.
[[nodiscard]] std::string_view host_name_in(byte_view extension) noexcept;

/// The same in the body of a ClientHello.
[[nodiscard]] std::string_view server_name_in(byte_view client_hello) noexcept;

}  // namespace ringway::tls
