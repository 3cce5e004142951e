// What protects one direction of a TLS 1.3 connection: a secret, the cipher and a record number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/tls/types.hpp>

#include "tls/aead.hpp"
#include "tls/key_schedule.hpp"

namespace ringway::tls {

constexpr std::size_t record_header_bytes = 5;
constexpr std::size_t record_plain_max = 1U << 14U;  // RFC 8446 5.1
/// The type byte and the tag.
constexpr std::size_t record_overhead = 1 + aead::tag_bytes;
constexpr std::size_t record_sealed_max = record_plain_max + 256;  // RFC 8446 5.2
using record_header = std::array<std::byte, record_header_bytes>;

/// The header of a protected record with `sealed` bytes behind it.
[[nodiscard]] record_header header_for(std::size_t sealed) noexcept;

class record_keys {
public:
    record_keys(cipher which, const secret& from, std::uint64_t number,
                aead_backend by = aead_backend::automatic);

    /// The nonce of the next record (RFC 8446 5.3); moves on to the one after it.
    [[nodiscard]] aead::nonce next_nonce() noexcept;

    /// Switches to the next generation of keys (RFC 8446 7.2).
    void update();

    /// Records protected so far, in this generation.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] aead& sealer() const noexcept { return *aead_; }
    [[nodiscard]] cipher algorithm() const noexcept { return which_; }
    /// The raw keys, for the kernel.
    [[nodiscard]] traffic_keys raw() const noexcept { return keys_of(which_, secret_); }

private:
    void derive();

    std::unique_ptr<aead> aead_;
    std::uint64_t number_;
    std::array<std::byte, aead::nonce_bytes> iv_{};
    secret secret_;
    cipher which_;
    aead_backend by_;
};

}  // namespace ringway::tls
