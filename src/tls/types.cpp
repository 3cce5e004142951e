#include <ringway/tls/types.hpp>

#include <string_view>

namespace ringway::tls {

std::string_view name_of(cipher which) noexcept {
    switch (which) {
        case cipher::aes_128_gcm: return "AES-128-GCM";
        case cipher::aes_256_gcm: return "AES-256-GCM";
        case cipher::chacha20_poly1305: break;
    }
    return "CHACHA20-POLY1305";
}

std::string_view name_of(version which) noexcept {
    switch (which) {
        case version::tls_1_2: return "TLSv1.2";
        case version::tls_1_3: return "TLSv1.3";
        case version::none: break;
    }
    return "";
}

}  // namespace ringway::tls
