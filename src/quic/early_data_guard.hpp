// Keeps the early data (0-RTT) of one shard's clients from being taken twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

struct gnutls_anti_replay_st;

namespace ringway::quic {

class replay_register;

namespace detail {

/// GnuTLS's anti-replay on a register, for all shards.
///
/// GnuTLS takes early data only with tickets that are younger than its object, and makes that as
/// young as the moment, without a lock, when it is used after its window. So there are two objects
/// of different ages here, and none is used for so long: tickets of an hour are always taken, but
/// for the first hour of the process. Nobody writes to them, so any thread may use them.
class early_data_guard {
public:
    /// A client may be this much slower than its ticket says. What it sent is remembered as long:
    /// later it is refused anyway.
    static constexpr std::chrono::seconds window{7500};
    static constexpr std::chrono::seconds used_for{7200};

    /// Lifetime: `shared` outlives it. `now_unix_s` as below.
    early_data_guard(replay_register& shared, std::int64_t now_unix_s) noexcept;
    early_data_guard(const early_data_guard&) = delete;
    early_data_guard& operator=(const early_data_guard&) = delete;
    ~early_data_guard();

    /// For gnutls_anti_replay_enable, at `now_unix_s` in seconds since 1970. To be used within
    /// five minutes, which is more than a handshake may take.
    [[nodiscard]] gnutls_anti_replay_st* current(std::int64_t now_unix_s) noexcept;

    /// Whether the latest ClientHello with early data that this thread has read was refused as seen
    /// before, or for want of room; asking forgets it.
    [[nodiscard]] static bool take_refusal() noexcept;

private:
    struct object {
        gnutls_anti_replay_st* handle = nullptr;
        std::int64_t start_unix_s = 0;
    };
    [[nodiscard]] object make(std::int64_t now_unix_s) const noexcept;
    void advance(std::int64_t now_unix_s) noexcept;

    replay_register& shared_;
    std::mutex mutex_;  // Once per handshake.
    object retired_;    // Handshakes that have begun may still use it.
    object current_;
    object next_;
};

}  // namespace detail
}  // namespace ringway::quic
