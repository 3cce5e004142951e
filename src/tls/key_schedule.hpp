// From a traffic secret to record keys (RFC 8446 7.1, 7.2, 7.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ringway/base/bytes.hpp>
#include <ringway/tls/types.hpp>

namespace ringway::tls {

/// A secret of the size of the cipher's hash. Overwritten when it dies.
class secret {
public:
    static constexpr std::size_t bytes_max = 48;

    secret() = default;
    /// Requires bytes.size() <= bytes_max.
    explicit secret(byte_view bytes) noexcept;
    secret(const secret&) = default;
    secret& operator=(const secret&) = default;
    ~secret();

    [[nodiscard]] byte_view bytes() const noexcept { return {bytes_.data(), size_}; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    std::array<std::byte, bytes_max> bytes_{};
    std::uint8_t size_ = 0;
};

struct traffic_keys {
    std::array<std::byte, 32> key{};
    std::array<std::byte, 12> iv{};
    std::size_t key_bytes = 0;

    traffic_keys() = default;
    traffic_keys(const traffic_keys&) = default;
    traffic_keys& operator=(const traffic_keys&) = default;
    ~traffic_keys();

    [[nodiscard]] byte_view key_view() const noexcept { return {key.data(), key_bytes}; }
};

/// HKDF-Expand-Label(from, label, "", into.size()) with the hash of `with`.
void expand_label(cipher with, byte_view from, std::string_view label, byte_span into) noexcept;

/// The key and the IV of `from`.
[[nodiscard]] traffic_keys keys_of(cipher with, const secret& from) noexcept;

/// application_traffic_secret_N+1 of N: what a KeyUpdate switches to.
[[nodiscard]] secret next_secret(cipher with, const secret& from) noexcept;

/// Bytes of a key, or of the hash and so of a secret.
[[nodiscard]] std::size_t key_bytes_of(cipher which) noexcept;
[[nodiscard]] std::size_t secret_bytes_of(cipher which) noexcept;

/// Overwrites `bytes` in a way that the compiler does not leave out.
void wipe(byte_span bytes) noexcept;

}  // namespace ringway::tls
