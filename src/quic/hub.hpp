// The I/O of a shard's QUIC connections: receives, lets links write in turn, keeps their timers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/quic/counters.hpp>

#include "quic/burst.hpp"
#include "quic/id_table.hpp"
#include "quic/link.hpp"
#include "quic/udp_port.hpp"

namespace ringway::quic::detail {

/// Nanoseconds of the shard's clock, as ngtcp2 counts them.
[[nodiscard]] ngtcp2_tstamp time_now() noexcept;

/// Everything is of one shard. Links die in `bury`, never inside a call into them.
class hub {
public:
    explicit hub(endpoint_counters& counters) noexcept;
    hub(const hub&) = delete;
    hub& operator=(const hub&) = delete;
    /// `stop` must have been awaited.
    virtual ~hub();

    /// Starts the writing; `stop` ends it.
    void start();
    /// Receives from `port` until stopped. Lifetime: `port` outlives `stop`.
    void receive_on(udp_port& port);
    /// Ends receiving and writing, and waits for that. Resumes: on this shard.
    [[nodiscard]] task<void> stop();

    /// `which` gets a write pass soon.
    void touch(link& which) noexcept;
    /// `which` is gone.
    void forget(link& which) noexcept;
    /// One write pass of everybody who wants one, and the packets go out.
    void run_pass();

    /// A datagram that came in, here or on another shard.
    void dispatch(const arrival& from, byte_view datagram);

    [[nodiscard]] id_table& ids() noexcept { return ids_; }
    [[nodiscard]] endpoint_counters& counters() const noexcept { return counters_; }
    [[nodiscard]] burst& outgoing() noexcept;

protected:
    /// `datagram` is for nobody here. `head` is what could be read of it.
    virtual void unknown(const arrival& from, byte_view datagram,
                         const ngtcp2_version_cid& head) = 0;
    /// It is of a version that we do not know.
    virtual void unknown_version(const arrival& from, byte_view datagram,
                                 const ngtcp2_version_cid& head) = 0;
    /// The kernel says that nobody listens at the peer's port.
    virtual void refused() {}
    /// Length of the ids that datagrams to us carry in short headers.
    [[nodiscard]] virtual std::size_t id_bytes() const noexcept = 0;

private:
    [[nodiscard]] task<void> receive_loop(udp_port& port);
    [[nodiscard]] task<void> write_loop();
    [[nodiscard]] task<void> unblock(udp_port& port);
    void unblock_one();
    [[nodiscard]] bool receive_batch(udp_port& port);
    void split(udp_port& port, const received_datagram& what, byte_view bytes);
    [[nodiscard]] bool any_blocked() noexcept;

    endpoint_counters& counters_;
    id_table ids_;
    scope loops_;
    std::vector<udp_port*> ports_;
    link* first_touched_ = nullptr;
    link* last_touched_ = nullptr;
    std::size_t touched_ = 0;
    suspension writer_;
    bool in_pass_ = false;
    bool stopping_ = false;
    bool unblocking_ = false;
};

}  // namespace ringway::quic::detail
