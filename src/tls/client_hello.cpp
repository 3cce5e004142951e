#include "tls/client_hello.hpp"

#include <cstddef>
#include <gnutls/gnutls.h>
#include <string_view>

#include <ringway/base/bytes.hpp>

namespace ringway::tls {
namespace {

std::size_t number_at(byte_view bytes, std::size_t at) noexcept {
    return (std::to_integer<std::size_t>(bytes[at]) << 8U) |
           std::to_integer<std::size_t>(bytes[at + 1]);
}

constexpr unsigned server_name_extension = 0;
constexpr unsigned supported_groups_extension = 10;
constexpr unsigned signature_algorithms_extension = 13;
constexpr unsigned alpn_extension = 16;
constexpr unsigned early_data_extension = 42;
constexpr unsigned supported_versions_extension = 43;
constexpr unsigned quic_parameters_extension = 57;
constexpr std::size_t session_id_at = 2 + 32;  // Behind version and random.
constexpr std::size_t tls_1_3 = 0x0304;

// legacy_compression_methods, behind version, random, session id and cipher suites: has to be one
// byte 0 (RFC 8446 4.1.2).
bool has_null_compression_only(byte_view message) noexcept {
    std::size_t at = session_id_at;
    if (message.size() <= at) {
        return false;
    }
    at += 1 + std::to_integer<std::size_t>(message[at]);
    if (message.size() < at + 2) {
        return false;
    }
    at += 2 + number_at(message, at);
    return message.size() >= at + 2 && message[at] == std::byte{1} &&
           message[at + 1] == std::byte{0};
}

}  // namespace

// struct { NameType type = host_name(0); opaque HostName<1..2^16-1>; } list<1..2^16-1>
std::string_view host_name_in(byte_view extension) noexcept {
    if (extension.size() < 5 || number_at(extension, 0) != extension.size() - 2 ||
        extension[2] != std::byte{0}) {
        return {};
    }
    const std::size_t size = number_at(extension, 3);
    const byte_view names = extension.subspan(5);
    return size > names.size() ? std::string_view{} : as_text(names.first(size));
}

// struct { ProtocolVersion versions<2..254>; }
bool has_tls_1_3_in(byte_view extension) noexcept {
    if (extension.empty() || std::to_integer<std::size_t>(extension[0]) != extension.size() - 1) {
        return false;
    }
    for (std::size_t at = 1; at + 1 < extension.size(); at += 2) {
        if (number_at(extension, at) == tls_1_3) {
            return true;
        }
    }
    return false;
}

client_hello read_client_hello(byte_view message) noexcept {
    client_hello found;
    const auto look = [](void* into, unsigned id, const unsigned char* data, unsigned size) {
        auto& hello = *static_cast<client_hello*>(into);
        const byte_view extension{reinterpret_cast<const std::byte*>(data), size};
        if (id == server_name_extension) {
            hello.server_name = host_name_in(extension);
        } else if (id == supported_versions_extension) {
            hello.offers_tls_1_3 = has_tls_1_3_in(extension);
        } else if (id == signature_algorithms_extension) {
            hello.has_signature_algorithms = true;
        } else if (id == supported_groups_extension) {
            hello.has_groups = true;
        } else if (id == alpn_extension) {
            hello.has_alpn = true;
        } else if (id == early_data_extension) {
            hello.offers_early_data = true;
        } else if (id == quic_parameters_extension) {
            hello.has_quic_parameters = true;
        }
        return 0;
    };
    auto* const start = const_cast<std::byte*>(message.data());  // Only read.
    const gnutls_datum_t datum{reinterpret_cast<unsigned char*>(start),
                               static_cast<unsigned>(message.size())};
    const int failed =
        gnutls_ext_raw_parse(&found, look, &datum, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
    if (failed < 0 || message.size() <= session_id_at) {
        return {};
    }
    found.is_readable = true;
    found.has_session_id = message[session_id_at] != std::byte{0};
    found.has_null_compression_only = has_null_compression_only(message);
    return found;
}

}  // namespace ringway::tls
