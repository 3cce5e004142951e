// What a server reads from a ClientHello before GnuTLS does.
#pragma once

#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::tls {

struct client_hello {
    std::string_view server_name;  ///< Empty when there is none.
    bool offers_tls_1_3 = false;
    bool is_readable = false;  ///< Not damaged.
    bool has_signature_algorithms = false;
    bool has_groups = false;
    bool has_null_compression_only = false;
    bool has_session_id = false;  ///< legacy_session_id is not empty.
    bool has_alpn = false;
    bool offers_early_data = false;    ///< RFC 8446 section 4.2.10.
    bool has_quic_parameters = false;  ///< RFC 9001 section 8.2.
};

/// Reads the body of a ClientHello. What is damaged is left out: GnuTLS refuses it afterwards.
/// Lifetime of the name: that of `message`.
[[nodiscard]] client_hello read_client_hello(byte_view message) noexcept;

/// The host name in the data of a server_name extension (RFC 6066 3); empty when there is none or
/// the data is damaged.
[[nodiscard]] std::string_view host_name_in(byte_view extension) noexcept;

/// Whether the data of a supported_versions extension (RFC 8446 4.2.1) has TLS 1.3 in it.
[[nodiscard]] bool has_tls_1_3_in(byte_view extension) noexcept;

}  // namespace ringway::tls
