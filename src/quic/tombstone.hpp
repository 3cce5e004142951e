// What is left of a closed connection for a while, so that late packets don't become strangers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/timer_wheel.hpp>

#include "quic/addresses.hpp"
#include "quic/id_table.hpp"

namespace ringway::quic::detail {

/// The closing and draining periods of RFC 9000 section 10.2: repeats the close ever more rarely,
/// or says nothing when it was the peer who closed. Tells `expired` when the time is over, which
/// destroys it.
class tombstone final : public packet_target, timer {
public:
    using expired_function = void (*)(void* owner, tombstone& self) noexcept;

    /// Takes `ids` over in `table` for `lifetime`. `packet`: the close; empty: to be silent.
    /// `peer`: nobody else is answered. Lifetime: `table` outlives it.
    tombstone(id_table& table, const std::vector<ngtcp2_cid>& ids, byte_view packet,
              const endpoint& peer, nanoseconds lifetime, expired_function expired, void* owner);
    ~tombstone();

    void receive(const arrival& from, byte_view datagram) override;

    /// Where its owner keeps it.
    std::size_t place = 0;

private:
    id_table& table_;
    std::vector<ngtcp2_cid> ids_;
    std::vector<std::byte> packet_;
    endpoint peer_;
    expired_function expired_;
    void* owner_;
    std::uint64_t received_ = 0;
    std::uint64_t answer_at_ = 1;
};

}  // namespace ringway::quic::detail
