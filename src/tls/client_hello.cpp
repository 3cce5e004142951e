#include "tls/client_hello.hpp"

#include <cstddef>
#include <gnutls/gnutls.h>

namespace ringway::tls {
namespace {

std::size_t number_at(byte_view bytes, std::size_t at) noexcept {
    return (std::to_integer<std::size_t>(bytes[at]) << 8U) |
           std::to_integer<std::size_t>(bytes[at + 1]);
}

constexpr unsigned server_name_extension = 0;

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

std::string_view server_name_in(byte_view client_hello) noexcept {
    std::string_view found;
    const auto look = [](void* into, unsigned id, const unsigned char* data, unsigned size) {
        if (id == server_name_extension) {
            *static_cast<std::string_view*>(into) =
                host_name_in({reinterpret_cast<const std::byte*>(data), size});
        }
        return 0;
    };
    auto* const start = const_cast<std::byte*>(client_hello.data());  // Only read.
    const gnutls_datum_t message{reinterpret_cast<unsigned char*>(start),
                                 static_cast<unsigned>(client_hello.size())};
    const int failed =
        gnutls_ext_raw_parse(&found, look, &message, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
    return failed < 0 ? std::string_view{} : found;
}

}  // namespace ringway::tls
