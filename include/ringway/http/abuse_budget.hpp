// What a peer may ask for without letting itself be served: a budget in points.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <ringway/base/shard_ref.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::http {

/// How much a peer may do that costs the server and serves nobody: streams taken back, PING,
/// SETTINGS, empty frames and the like, each at its price in points.
struct budget_limits {
    std::uint32_t points_max = 20'000;      ///< At once, and what a new peer has.
    std::uint32_t points_per_second = 500;  ///< That come back by themselves.
};

/// Points that are spent on what is suspicious, and come back with time and with useful work. For
/// every protocol with streams. Knows no clock: time is given.
class abuse_budget {
public:
    explicit abuse_budget(const budget_limits& limits) noexcept
        : limits_{limits}, points_{limits.points_max} {}

    /// Takes `points`. False, and nothing is left, when there were fewer: the peer is to be cut
    /// off. `now` never goes back.
    [[nodiscard]] bool spend(std::uint32_t points, nanoseconds now) noexcept;

    /// Gives `points` back for work that a peer let itself be served with.
    void earn(std::uint64_t points) noexcept {
        points_ = std::min<std::uint64_t>(points_ + points, limits_.points_max);
    }

    /// What is left, as of the last call of `spend`.
    [[nodiscard]] std::uint64_t left() const noexcept { return points_; }

private:
    budget_limits limits_;
    std::uint64_t points_;
    nanoseconds refilled_{0};
};

/// The budget of all connections of one client address to one shard.
class address_budget : public shard_counted, public abuse_budget {
public:
    using abuse_budget::abuse_budget;
};
using address_budget_ref = shard_ref<address_budget>;

/// Budgets by client address, so that hanging up and coming back does not help. Bounded: addresses
/// without a connection are forgotten when there is no room for another one, the most honest first.
class budget_table {
public:
    static constexpr std::size_t addresses_max = 4096;
    /// An address may stand for many people: it gets so many times what a connection gets.
    static constexpr std::uint32_t address_factor = 10;

    explicit budget_table(const budget_limits& of_connection,
                          std::size_t entries_max = addresses_max) noexcept;

    /// The budget of `key`, see `connection_gate::key_of`. Null where there is none: for an empty
    /// key, and when every entry of the table is in use. Allocates.
    [[nodiscard]] address_budget_ref find(const std::string& key);

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    [[nodiscard]] bool make_room();

    budget_limits limits_;
    std::size_t entries_max_;
    std::unordered_map<std::string, address_budget_ref> entries_;
};

}  // namespace ringway::http
