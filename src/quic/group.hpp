// What the QUIC endpoints of a server's shards share.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/quic/replay_register.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/runtime/shard.hpp>

#include "quic/addresses.hpp"
#include "quic/connection_id.hpp"
#include "quic/tls_session.hpp"
#include "quic/tokens.hpp"

namespace ringway::quic::detail {

/// Takes datagrams that came in on another shard.
class forward_target {
public:
    /// On the target's thread. `port`: the index of the socket they came in by.
    virtual void take_forwarded(std::size_t port, arrival from, byte_view datagram) = 0;

protected:
    ~forward_target() = default;
};

class group final : public server_group {
public:
    group(server_options options, unsigned shards);
    /// As `server_group::make`.
    [[nodiscard]] result<void> set_up(tls::server_context& context);

    [[nodiscard]] result<void> listen(std::span<const endpoint> where) override;
    [[nodiscard]] std::span<const endpoint> listening() const noexcept override {
        return listening_;
    }
    [[nodiscard]] std::size_t open() const noexcept override { return open_.load(); }
    [[nodiscard]] std::size_t half_open() const noexcept override { return half_open_.load(); }
    [[nodiscard]] const server_options& options() const noexcept override { return options_; }

    struct bound_socket {
        unique_fd fd;
        endpoint local;
    };
    /// The sockets of a shard, in the order of `listen`; once.
    [[nodiscard]] std::vector<bound_socket> take_sockets(unsigned shard);

    /// From now on `target` takes what is for `shard`; null: nobody. On that shard's thread.
    void enroll(unsigned shard, forward_target* target) noexcept;

    /// Hands a datagram on to the shard that has its connection. False when that shard has
    /// too many already, or no endpoint. Any shard's thread.
    [[nodiscard]] bool forward(unsigned shard, const arrival& from, byte_view datagram);

    [[nodiscard]] unsigned shards() const noexcept {
        return static_cast<unsigned>(members_.size());
    }
    [[nodiscard]] connection_owner owner(unsigned shard) const noexcept {
        return {.generation = options_.generation,
                .shard = static_cast<std::uint8_t>(shard),
                .node = options_.node};
    }
    [[nodiscard]] server_crypto& crypto() const noexcept { return *crypto_; }
    [[nodiscard]] const token_keys& tokens() const noexcept { return tokens_; }
    [[nodiscard]] bool wants_retry() const noexcept;

    // Counted by the endpoints.
    std::atomic<std::size_t> open_{0};
    std::atomic<std::size_t> half_open_{0};

private:
    struct forwarded;
    struct member {
        std::atomic<shard*> home{nullptr};
        forward_target* target = nullptr;  // Of the home thread only.
        std::atomic<std::size_t> under_way{0};
    };

    [[nodiscard]] result<void> listen_at(endpoint where);

    server_options options_;
    std::unique_ptr<replay_register> early_data_;
    std::unique_ptr<server_crypto> crypto_;
    token_keys tokens_;
    std::vector<endpoint> listening_;
    std::vector<std::vector<bound_socket>> sockets_;  // By shard.
    std::vector<std::unique_ptr<member>> members_;
};

}  // namespace ringway::quic::detail
