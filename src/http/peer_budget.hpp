// The budget of one connection and that of its address, spent and earned together.
#pragma once

#include <cstdint>
#include <utility>

#include <ringway/http/abuse_budget.hpp>

namespace ringway::http::detail {

/// For connections with streams. See `abuse_budget`.
class peer_budget {
public:
    /// Lifetime: none of it is kept but `address`, which may be null.
    peer_budget(const budget_limits& limits, address_budget_ref address) noexcept
        : own_{limits}, address_{std::move(address)} {}

    /// Takes `points` from both. False: the peer is to be cut off.
    [[nodiscard]] bool spend(std::uint32_t points, nanoseconds now) noexcept {
        const bool address_can = !address_ || address_->spend(points, now);
        return own_.spend(points, now) && address_can;
    }
    void earn(std::uint64_t points) noexcept {
        own_.earn(points);
        if (address_) {
            address_->earn(points);
        }
    }

    /// The peer has taken a request back that was not answered yet.
    [[nodiscard]] bool peer_reset(nanoseconds now) noexcept { return spend(reset_price, now); }
    /// We had to reset a stream for what the peer did.
    [[nodiscard]] bool made_reset(nanoseconds now) noexcept { return spend(reset_price, now); }
    /// A response has been sent to its end.
    void served() noexcept { earn(response_earns); }

    /// Some clients open their windows by 4 KiB, for the stream and for the connection.
    static constexpr std::uint64_t bytes_per_point = 512;

private:
    static constexpr std::uint32_t reset_price = 50;
    // As much as a request costs that is taken back.
    static constexpr std::uint64_t response_earns = reset_price;

    abuse_budget own_;
    address_budget_ref address_;
};

}  // namespace ringway::http::detail
