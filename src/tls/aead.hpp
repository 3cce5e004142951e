// The seam between the record layer and who encrypts: one key, many records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

namespace ringway::tls {

/// An authenticated cipher with a key. Stateless between calls; for one thread.
class aead {
public:
    static constexpr std::size_t nonce_bytes = 12;
    static constexpr std::size_t tag_bytes = 16;
    using nonce = std::array<std::byte, nonce_bytes>;

    /// What a record is made of: the first `placed` bytes of plaintext are at `into` already,
    /// `more` follows from elsewhere, and then comes the byte `type` (RFC 8446 5.2).
    struct plaintext {
        std::byte* into;
        std::size_t placed;
        byte_view more;
        std::byte type;

        [[nodiscard]] std::size_t size() const noexcept { return placed + more.size() + 1; }
    };

    aead() = default;
    aead(const aead&) = delete;
    aead& operator=(const aead&) = delete;
    virtual ~aead() = default;

    /// Encrypts `what` to `what.into`: what.size() bytes and then the tag.
    virtual void seal(const nonce& number, byte_view header, const plaintext& what) noexcept = 0;

    /// Encrypts all but the last `tag_bytes` of `packet` in place; the tag goes there.
    virtual void seal_in_place(const nonce& number, byte_view header,
                               byte_span packet) noexcept = 0;

    /// Decrypts `sealed`, whose last `tag_bytes` are the tag, to `into`, which may be where it
    /// begins. False when it is not authentic; what is at `into` is garbage then. Requires
    /// sealed.size() >= tag_bytes.
    [[nodiscard]] virtual bool open_to(const nonce& number, byte_view header, byte_view sealed,
                                       std::byte* into) noexcept = 0;

    /// The same in place.
    [[nodiscard]] bool open(const nonce& number, byte_view header, byte_span sealed) noexcept {
        return open_to(number, header, sealed, sealed.data());
    }
};

enum class aead_backend : std::uint8_t { automatic, gnutls, ipsec_mb };

/// Makes a cipher. Requires a key of the right size, and a backend that `has_backend` has.
[[nodiscard]] std::unique_ptr<aead> make_aead(cipher which, byte_view key,
                                              aead_backend by = aead_backend::automatic);

/// Whether `by` can run `which` in this build and on this processor.
[[nodiscard]] bool has_backend(cipher which, aead_backend by) noexcept;

}  // namespace ringway::tls
