// The endpoint of one shard: takes new connections in, answers strangers, buries the dead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/runtime/timer_wheel.hpp>

#include "quic/group.hpp"
#include "quic/hub.hpp"
#include "quic/rate_limit.hpp"
#include "quic/server_link.hpp"
#include "quic/tombstone.hpp"

namespace ringway::quic::detail {

/// The time of day, which the tokens of all processes go by.
[[nodiscard]] nanoseconds wall_clock() noexcept;

class server_hub final : public server_endpoint, public hub, public forward_target {
public:
    server_hub(group& shared, service& protocol, unsigned shard);
    ~server_hub() override;

    [[nodiscard]] task<void> serve() override;
    void drain() noexcept override;
    [[nodiscard]] task<void> finish(std::chrono::milliseconds patience) override;
    [[nodiscard]] std::size_t size() const noexcept override { return links_.size(); }
    [[nodiscard]] const endpoint_counters& counters() const noexcept override { return counts_; }

    void take_forwarded(std::size_t port, arrival from, byte_view datagram) override;

    // For its links.
    [[nodiscard]] group& shared() const noexcept { return shared_; }
    [[nodiscard]] service& protocol() const noexcept { return protocol_; }
    [[nodiscard]] endpoint_counters& counts() noexcept { return counts_; }
    [[nodiscard]] unsigned shard_number() const noexcept { return shard_; }
    void bury(server_link& ended);
    void mark(const server_link& closed, const std::vector<ngtcp2_cid>& ids, byte_view packet,
              nanoseconds lifetime);
    void send_retry(const arrival& from, const ngtcp2_pkt_hd& head);

private:
    void unknown(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) override;
    void unknown_version(const arrival& from, byte_view datagram,
                         const ngtcp2_version_cid& head) override;
    [[nodiscard]] std::size_t id_bytes() const noexcept override { return connection_id_bytes; }

    /// Hands it to the shard that `head` names, if that is another one. True: it is dealt with.
    [[nodiscard]] bool hand_on(const arrival& from, byte_view datagram,
                               const ngtcp2_version_cid& head);
    void stray(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head);
    void take_in(const arrival& from, byte_view datagram);
    [[nodiscard]] std::optional<accepted_initial> judge(const arrival& from,
                                                        const ngtcp2_pkt_hd& head);
    void refuse(const arrival& from, const ngtcp2_pkt_hd& head, std::uint64_t code);
    void send_reset(const arrival& from, std::size_t trigger_bytes, const ngtcp2_cid& id);
    void answer(const arrival& from, byte_view packet);
    void start_receiving();
    void sweep() noexcept;
    void sweep_in(nanoseconds time) noexcept;
    [[nodiscard]] task<void> funeral(server_link& ended);
    [[nodiscard]] task<result<void>> all_gone();

    group& shared_;
    service& protocol_;
    unsigned shard_;
    endpoint_counters counts_;
    std::vector<std::unique_ptr<udp_port>> ports_;
    std::vector<std::unique_ptr<server_link>> links_;
    std::vector<std::unique_ptr<tombstone>> tombstones_;
    scope funerals_;
    /// Looks for connections that can rest.
    struct sweeper : timer {
        explicit sweeper(server_hub& owner) noexcept;
        server_hub& owner;
    } sweeper_{*this};
    std::size_t sweep_place_ = 0;
    bool swept_awake_ = false;  // In this round, which ends with the last of the links.
    event empty_{true};
    event never_;
    rate_limit resets_;
    rate_limit negotiations_;
    bool receiving_ = false;
    bool draining_ = false;
    bool forwarded_ = false;  // What is dispatched has been handed on once already.
};

}  // namespace ringway::quic::detail
