#include "tls/record_keys.hpp"

#include <cstddef>
#include <cstdint>

#include <ringway/base/assert.hpp>
#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"
#include "tls/alert.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::tls {

record_header header_for(std::size_t sealed) noexcept {
    RW_ASSERT(sealed <= record_sealed_max);
    return {static_cast<std::byte>(content::application_data), std::byte{3}, std::byte{3},
            static_cast<std::byte>(sealed >> 8U), static_cast<std::byte>(sealed & 0xffU)};
}

record_keys::record_keys(cipher which, const secret& from, std::uint64_t number, aead_backend by)
    : number_{number}, secret_{from}, which_{which}, by_{by} {
    derive();
}

void record_keys::derive() {
    const traffic_keys keys = keys_of(which_, secret_);
    iv_ = keys.iv;
    aead_ = make_aead(which_, keys.key_view(), by_);
}

void record_keys::update() {
    secret_ = next_secret(which_, secret_);
    number_ = 0;
    derive();
}

aead::nonce record_keys::next_nonce() noexcept {
    aead::nonce nonce = iv_;
    for (unsigned i = 0; i < 8; ++i) {
        nonce[11 - i] ^= static_cast<std::byte>(number_ >> (8 * i));
    }
    ++number_;
    return nonce;
}

}  // namespace ringway::tls
