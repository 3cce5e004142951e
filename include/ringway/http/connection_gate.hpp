// How many connections there may be: in total, and from one address.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <ringway/net/endpoint.hpp>

namespace ringway::http {

struct connection_limits {
    std::size_t total_max = 8192;       ///< 0: no limit.
    std::size_t per_address_max = 256;  ///< 0: no limit. An IPv6 network of 64 bits is one address.
};

/// Counts the connections of all shards. Asked once per connection, so a lock does no harm.
class connection_gate {
public:
    enum class verdict : std::uint8_t { admitted, limit_total, limit_address };

    explicit connection_gate(const connection_limits& limits) noexcept : limits_{limits} {}

    /// Whether a connection from `address` may come in; if so it counts until `leave`. An empty
    /// address (Unix sockets) has no limit of its own. Any thread.
    [[nodiscard]] verdict enter(const std::string& address);

    /// What `enter` would say now, without counting anything: for connections whose address may be
    /// somebody else's. Any thread.
    [[nodiscard]] verdict would_admit(const std::string& address);

    /// A connection from `address` that was admitted is gone. Any thread.
    void leave(const std::string& address) noexcept;

    [[nodiscard]] std::size_t open() const noexcept {
        return open_.load(std::memory_order_relaxed);
    }

    /// Whether the limit in total is so near that idle connections should make room.
    [[nodiscard]] bool is_crowded() const noexcept {
        return limits_.total_max != 0 && open() >= limits_.total_max - limits_.total_max / 16;
    }

    /// The address of `peer` as text, without port and brackets; of one that was mapped into IPv6
    /// the IPv4 address; "" for what has none.
    [[nodiscard]] static std::string address_text(const endpoint& peer);

    /// What of a peer's address is counted as one: an IPv4 address (also mapped into IPv6), or the
    /// first 64 bits of an IPv6 address, which is what one customer gets. `address` as text without
    /// port and brackets.
    [[nodiscard]] static std::string key_of(std::string_view address);

    /// Whether `address` is of this machine: the operator's own, often a proxy for everybody, so
    /// that there is no limit per address.
    [[nodiscard]] static bool is_loopback(std::string_view address) noexcept {
        return address.starts_with("127.") || address == "::1";
    }

private:
    connection_limits limits_;
    std::atomic<std::size_t> open_{0};
    std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> by_address_;
};

/// A connection at the gate. Leaves it when it dies, if it was admitted.
class gate_pass {
public:
    /// Of no gate: whoever has it is admitted.
    gate_pass() = default;
    /// Not counted yet. Lifetime: `gate` outlives the pass.
    gate_pass(connection_gate& gate, std::string address) noexcept
        : gate_{&gate}, address_{std::move(address)} {}
    gate_pass(gate_pass&& other) noexcept
        : gate_{other.gate_},
          address_{std::move(other.address_)},
          admitted_{std::exchange(other.admitted_, false)} {}
    gate_pass& operator=(gate_pass&&) = delete;
    ~gate_pass() {
        if (admitted_) {
            gate_->leave(address_);
        }
    }

    /// Counts it from now on. Once.
    [[nodiscard]] connection_gate::verdict enter() {
        if (gate_ == nullptr) {
            return connection_gate::verdict::admitted;
        }
        const auto said = gate_->enter(address_);
        admitted_ = said == connection_gate::verdict::admitted;
        return said;
    }

private:
    connection_gate* gate_ = nullptr;
    std::string address_;
    bool admitted_ = false;
};

}  // namespace ringway::http
