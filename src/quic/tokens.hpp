// What a server gives to clients to recognise them by: address tokens, stateless reset tokens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::quic::detail {

/// What all processes that serve one name share. Nobody else may know it.
using master_secret = std::array<std::byte, 32>;

using reset_token = std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN>;

/// Immutable; any thread. Processes with the same master secret take each other's tokens.
class token_keys {
public:
    /// How long a client has to answer a Retry.
    static constexpr nanoseconds retry_lifetime = std::chrono::seconds{10};
    /// How long a client's address is believed after it has proved it.
    static constexpr nanoseconds address_lifetime = std::chrono::hours{1};

    /// The kinds can't be taken for each other: each has a key derived from `master`.
    explicit token_keys(const master_secret& master) noexcept;
    token_keys(const token_keys&) = delete;
    token_keys& operator=(const token_keys&) = delete;
    ~token_keys();

    /// For a Retry packet (RFC 9000 section 8.1.2): says that `client` was sent one for the
    /// connection ID `original`, with `ours` to go on with. `now`: of a clock that the processes
    /// share, as below.
    [[nodiscard]] std::vector<std::byte> make_retry(std::uint32_t version, const endpoint& client,
                                                    const ngtcp2_cid& ours,
                                                    const ngtcp2_cid& original,
                                                    nanoseconds now) const;

    /// The `original` of a Retry token that came back in time, from the same address and port, to
    /// `ours`; nothing when any of that is not so.
    [[nodiscard]] std::optional<ngtcp2_cid> open_retry(byte_view token, std::uint32_t version,
                                                       const endpoint& client,
                                                       const ngtcp2_cid& ours,
                                                       nanoseconds now) const noexcept;

    /// For NEW_TOKEN frames (RFC 9000 section 8.1.3): says that `client` is at its address.
    [[nodiscard]] std::vector<std::byte> make_address(const endpoint& client,
                                                      nanoseconds now) const;

    /// Whether `token` was given to that address, at whichever port, and not long ago.
    [[nodiscard]] bool opens_address(byte_view token, const endpoint& client,
                                     nanoseconds now) const noexcept;

    /// Whether `token` says of itself that it is from a Retry. Anybody can write that; a Retry
    /// token that is no good ends the connection attempt, another one is only not believed
    /// (RFC 9000 section 8.1.3).
    [[nodiscard]] static bool is_retry(byte_view token) noexcept;

    /// What ends the connection that `id` was for when nobody knows it any more (RFC 9000 section
    /// 10.3): the same in all processes.
    [[nodiscard]] reset_token make_reset(const ngtcp2_cid& id) const noexcept;

private:
    master_secret retry_{};
    master_secret address_{};
    master_secret reset_{};
};

/// A master secret that nobody knows.
[[nodiscard]] master_secret random_master_secret() noexcept;

}  // namespace ringway::quic::detail
