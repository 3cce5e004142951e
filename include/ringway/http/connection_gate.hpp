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

    /// A connection from `address` that was admitted is gone. Any thread.
    void leave(const std::string& address) noexcept;

    [[nodiscard]] std::size_t open() const noexcept {
        return open_.load(std::memory_order_relaxed);
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

/// A connection that was admitted: leaves the gate when it dies.
class gate_pass {
public:
    gate_pass() = default;
    /// Lifetime: `gate` outlives the pass.
    gate_pass(connection_gate& gate, std::string address) noexcept
        : gate_{&gate}, address_{std::move(address)} {}
    gate_pass(gate_pass&& other) noexcept
        : gate_{std::exchange(other.gate_, nullptr)}, address_{std::move(other.address_)} {}
    gate_pass& operator=(gate_pass&&) = delete;
    ~gate_pass() {
        if (gate_ != nullptr) {
            gate_->leave(address_);
        }
    }

private:
    connection_gate* gate_ = nullptr;
    std::string address_;
};

}  // namespace ringway::http
