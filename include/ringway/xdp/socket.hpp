// An AF_XDP socket: packets of one queue of an interface, received and sent without the network
// stack (Documentation/networking/af_xdp.rst of Linux).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/xdp/hints.hpp>
#include <ringway/xdp/umem.hpp>

namespace ringway::xdp {
class interrupt_deferral;
class receive_moderation;

/// How packets get between the driver and the UMEM.
enum class copy_mode : std::uint8_t {
    automatic,  ///< Zero-copy where the driver can, else copy.
    copy,
    zero_copy,
};
[[nodiscard]] const char* name_of(copy_mode mode) noexcept;

struct socket_options {
    std::uint32_t queue = 0;
    std::uint32_t ring_entries = 2048;    ///< Of each ring; a power of two.
    std::uint32_t receive_frames = 1024;  ///< Frames that wait for packets; below `ring_entries`.
    copy_mode copying = copy_mode::automatic;
    bool need_wakeup = true;    ///< Tell the kernel of work only when it asks.
    bool multi_buffer = false;  ///< Packets of several frames (XDP_USE_SG, Linux 6.6).
    /// The application drives the interface's work itself: no interrupt, no second core
    /// (SO_PREFER_BUSY_POLL, Linux 5.11). Waiting then spins. As root the interface's interrupts
    /// are put off meanwhile (napi_defer_hard_irqs, gro_flush_timeout; the socket's end restores
    /// both): without that the kernel does part of the work on another core. 0: off.
    std::uint32_t busy_poll_us = 0;
    std::uint32_t busy_poll_budget = 64;
    /// On io_uring `rx_batch` lets packets gather for so long at most before it looks again while a
    /// flood of them comes, 64 or more from one wait to the next, instead of being woken for the
    /// first: less work for the core that receives, more latency (to which the thread's timer slack
    /// is added, 50 us as a rule). Aims at a quarter of `receive_frames`. Less than 5 us: never.
    std::chrono::microseconds moderation{50};
    /// The program was loaded with `steering_options::hints_from`: see `hints_of`.
    bool hints = false;
    /// A socket that somebody with CAP_NET_RAW opened for us; it is taken over. -1: open one.
    int handed_over = -1;
    /// How long to try again while the queue is still in use by a socket that just closed.
    std::chrono::milliseconds patience{1000};
};

/// Counted by the kernel (XDP_STATISTICS) and by the socket.
struct socket_statistics {
    std::uint64_t received = 0;
    std::uint64_t transmitted = 0;        ///< Handed to the kernel.
    std::uint64_t completed = 0;          ///< Of these, frames that came back.
    std::uint64_t wakeups = 0;            ///< System calls that told the kernel of work.
    std::uint64_t waits = 0;              ///< Times a coroutine had to wait for packets.
    std::uint64_t pauses = 0;             ///< Of these, those that let them gather (`moderation`).
    std::uint64_t receive_dropped = 0;    ///< Too long for a frame, or no room.
    std::uint64_t receive_ring_full = 0;  ///< We were too slow.
    std::uint64_t fill_ring_empty = 0;    ///< No frame waited; copy mode counts it above as well.
    std::uint64_t invalid_receive = 0;
    std::uint64_t invalid_transmit = 0;
    std::uint64_t transmit_ring_empty = 0;

    /// Packets that were for the socket and did not reach it, each once.
    [[nodiscard]] std::uint64_t lost() const noexcept {
        return receive_dropped + receive_ring_full;
    }
};

/// When a packet was sent.
struct sent_time {
    std::uint64_t label = 0;  ///< What `request_timestamp` was given.
    /// By the clock of the card; where packets are copied by CLOCK_TAI, as the kernel let go of it.
    std::chrono::nanoseconds time{};
};

/// A socket bound to one queue. Packets reach it when a `steering` program sends them there.
///
/// Opened on any thread, then used on one. The first use of a coroutine binds it to that shard.
class xdp_socket {
public:
    /// Opens a socket on `where`, registers `memory` with the kernel or shares it with the sockets
    /// that use it already, fills the fill ring and binds to the queue. Blocks for `patience` at
    /// most.
    ///
    /// Fails with `not_permitted` without CAP_NET_RAW or when RLIMIT_MEMLOCK is too low without
    /// CAP_IPC_LOCK; with `unsupported` where zero-copy was asked for and the driver has none, or
    /// multi-buffer on an older kernel; with EBUSY while another socket has the queue. Each with a
    /// line for the operator.
    /// Lifetime: `memory` outlives the socket.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<xdp_socket>> open(
        umem& memory, const bpf::network_interface& where, const socket_options& options = {});

    /// Closes at once: unmaps the rings first, as the queue stays busy until then. Frames that the
    /// kernel still has are given back. No coroutine may wait in it and `close` must have ended if
    /// one ever did.
    ~xdp_socket();
    xdp_socket(const xdp_socket&) = delete;
    xdp_socket& operator=(const xdp_socket&) = delete;

    /// Waits until packets have arrived and puts as many as are there, and fit, into `into`, which
    /// is emptied first. Yields their number, at least 1.
    ///
    /// Waits by a multishot poll on the ring and, in a flood, by a timer (`moderation`), or with
    /// `busy_poll_us` by working for the interface between turns of the other coroutines. Fails
    /// with `canceled`, or ENETDOWN within a second after the interface went away. Lifetime: `into`
    /// until it resumes, and it outlives no `memory`. Cancel: at once, nothing is lost. Resumes: on
    /// this shard.
    [[nodiscard]] task<result<std::uint32_t>> rx_batch(packet_batch& into);

    /// Sends all packets of `from`, waiting for room where there is none. Yields how many were
    /// sent; those of length 0 are given back. The frames are given back when the kernel is done.
    ///
    /// Fails with `canceled` or ENETDOWN: what was not sent stays in `from`. Resumes: on this
    /// shard.
    [[nodiscard]] task<result<std::uint32_t>> tx_batch(packet_batch& from);

    /// As `rx_batch` without waiting: 0 when nothing has arrived. Any thread, one at a time.
    [[nodiscard]] std::uint32_t receive_now(packet_batch& into) noexcept;

    /// As `tx_batch` as far as there is room, and tells the kernel if it asks for that. What did
    /// not fit stays in `from`. Yields how many were sent.
    std::uint32_t transmit_now(packet_batch& from) noexcept;

    /// Tells the kernel of packets that it has not taken yet, if there are any, and gives frames
    /// back that have been sent. Needed again by who only uses `transmit_now`, as a driver that is
    /// busy takes fewer than all; the coroutines do it by themselves.
    void kick() noexcept;

    /// With `busy_poll_us`: one round of the interface's work (recvmsg(2)).
    void poll_interface() noexcept;

    /// Ends the waiting and waits for what was sent, 100 ms at most; then the socket may be
    /// destroyed. The program must be detached before. Cancel: not at all. Resumes: on this shard.
    [[nodiscard]] task<void> close();

    /// Asks that `one`, which is about to be sent, gets its checksum from the driver, or from the
    /// kernel where it has none: 16 bits at `start + offset` over all from `start`, where the sum
    /// of the pseudo-header stands. Needs `umem_options::metadata_bytes` (Linux 6.8).
    void request_checksum(packet& one, std::uint16_t start, std::uint16_t offset) const noexcept;

    /// Asks to be told when `one`, which is about to be sent, was: see `take_sent_times`. Needs
    /// `umem_options::metadata_bytes` (Linux 6.8).
    void request_timestamp(packet& one, std::uint64_t label) const noexcept;

    /// Moves the times of packets whose frames have come back into `into`, oldest first, as many as
    /// fit; yields how many. Kept are 1024 at most: whoever asks for more loses the later ones.
    std::size_t take_sent_times(std::span<sent_time> into) noexcept;

    /// What the card told of `one`, which was received and has not been touched: neither moved in
    /// its frame nor made to be sent (`request_checksum`, `request_timestamp`). Of a packet of
    /// several frames the first has it. Without `socket_options::hints`, or where the program was
    /// loaded without `hints_from`, nothing.
    [[nodiscard]] received_hints hints_of(const packet& one) const noexcept;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] std::uint32_t queue() const noexcept { return options_.queue; }
    /// What was obtained: `copy` or `zero_copy`.
    [[nodiscard]] copy_mode copying() const noexcept { return copying_; }
    /// Whether the kernel took the wish to be driven by us only.
    [[nodiscard]] bool busy_polls() const noexcept { return busy_polls_; }
    [[nodiscard]] socket_statistics statistics() const noexcept;
    [[nodiscard]] umem& memory() const noexcept { return memory_; }

private:
    struct rings;
    xdp_socket(umem& memory, const socket_options& options, int fd);
    [[nodiscard]] bpf::outcome<void> set_up(const bpf::network_interface& where);
    [[nodiscard]] bpf::outcome<void> register_memory();
    [[nodiscard]] bpf::outcome<void> map_rings();
    [[nodiscard]] bpf::outcome<void> bind(const bpf::network_interface& where);
    [[nodiscard]] bpf::outcome<void> refuse_bind(const bpf::network_interface& where,
                                                 int failed) const;
    void set_busy_poll(const bpf::network_interface& where);
    void refill() noexcept;
    void reap() noexcept;
    [[nodiscard]] std::byte* metadata_of(const packet& one) const noexcept;
    void push_transmit(packet_batch& from) noexcept;
    void note_sent_time(std::uint64_t address) noexcept;
    [[nodiscard]] bool wants_kick() const noexcept;
    void arm() noexcept;
    [[nodiscard]] std::chrono::nanoseconds pause_due() noexcept;
    [[nodiscard]] task<result<void>> let_packets_gather(std::chrono::nanoseconds pause);
    [[nodiscard]] result<void> failure() noexcept;
    void look_for_failure() noexcept;
    [[nodiscard]] task<result<void>> wait_for_news();
    [[nodiscard]] task<result<void>> wait_for_packets();
    [[nodiscard]] task<result<void>> wait_until_writable();
    [[nodiscard]] task<result<void>> wait_for_room();

    struct poll_operation : operation {
        xdp_socket* owner = nullptr;
    };

    umem& memory_;
    socket_options options_;
    int fd_;
    copy_mode copying_ = copy_mode::copy;
    bool busy_polls_ = false;
    bool shares_memory_ = false;
    bool on_shard_ = false;  // A driver has seen the descriptor.
    std::unique_ptr<rings> rings_;
    std::unique_ptr<interrupt_deferral> deferral_;
    std::unique_ptr<receive_moderation> moderation_;
    std::uint64_t seen_ = 0;  // Packets received before the last wait.
    std::uint32_t in_fill_ = 0;
    std::uint64_t outstanding_ = 0;  // Sent frames that have not come back.
    poll_operation poll_;
    event news_;
    event ended_;
    int poll_failed_ = 0;
    socket_statistics counted_;
};

}  // namespace ringway::xdp
