#include "tls/aead.hpp"

#include <memory>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead_backends.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::tls {

bool has_backend(cipher which, aead_backend by) noexcept {
    static_cast<void>(which);  // All of them, so far.
    return by != aead_backend::ipsec_mb || ipsec_mb_works();
}

std::unique_ptr<aead> make_aead(cipher which, byte_view key, aead_backend by) {
    RW_ASSERT(key.size() == key_bytes_of(which) && has_backend(which, by));
    if (by != aead_backend::gnutls && has_backend(which, aead_backend::ipsec_mb)) {
        return make_ipsec_mb_aead(which, key);
    }
    return make_gnutls_aead(which, key);
}

}  // namespace ringway::tls
