// The program that decides, per packet and in the kernel: pass, drop, reflect, or to our socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>
#include <ringway/xdp/hints.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/socket.hpp>

namespace ringway::xdp {

enum class verdict : std::uint8_t {
    pass,       ///< To the network stack.
    drop,       ///< Nobody gets it.
    reflect,    ///< Back to its sender, by the program itself; what can't be is passed.
    to_socket,  ///< To the AF_XDP socket of the queue; passed where there is none.
    copy,       ///< To the network stack, and a copy to `copied`.
};

struct steering_options {
    verdict matched = verdict::to_socket;
    /// What `matched` is for; everything else is passed. Empty: everything is meant. 16 at most.
    std::vector<match_rule> rules;
    /// Fragments of IP packets, and packets of more bytes, are passed though they are meant: for
    /// who answers what is in one frame. 0: they are not.
    std::uint32_t whole_bytes_max = 0;
    bool copies_sent = false;                     ///< With `copy`: for `attach_sent`.
    std::uint32_t copied_bytes_max = 9216;        ///< Of each copy; 9216 is the most.
    std::uint32_t copy_buffer_bytes = 8U << 20U;  ///< For copies; a power of two, from 4096.
    /// Number of the one interface that the program is for, to ask its card what it knows of each
    /// packet for a socket or a copy (Linux 6.3, tags 6.8): `xdp_socket::hints_of`,
    /// `packet_copy::hints`. 0: not to be asked. Such a program runs in the driver and alone.
    unsigned hints_from = 0;
};

/// A packet that passed by.
struct packet_copy {
    std::chrono::nanoseconds time{};  ///< When it was received or sent; CLOCK_MONOTONIC.
    std::uint32_t length = 0;         ///< Of the packet.
    bool is_sent = false;             ///< By the interface; else received.
    byte_view bytes;                  ///< Its beginning.
    received_hints hints;             ///< With `hints_from`, of what is received.
};

/// Packets and bytes since the program was loaded.
struct steering_counts {
    struct count {
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
    };
    count passed, dropped, reflected, to_socket;
    count copied, lost;    ///< Copied, and meant to be but for want of room.
    count without_socket;  ///< Meant for the socket of a queue that has none; passed.
};

/// A loaded program, and where it is attached. Any thread, one at a time.
class steering {
public:
    static constexpr std::size_t rules_max = 16;

    /// Loads the program. Fails as `bpf::bpf_ready` says, `limit` with too many rules, and
    /// `unsupported` where hints are wanted and the driver or the kernel has none.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<steering>> load(
        const steering_options& options);
    /// Detaches first.
    ~steering();
    steering(const steering&) = delete;
    steering& operator=(const steering&) = delete;

    /// Sends what is meant and arrives on the socket's queue to it. Before or after `attach`.
    [[nodiscard]] bpf::outcome<void> add(const xdp_socket& socket);

    /// Attaches to one interface, see `bpf::xdp_link::attach`. The mode obtained is `mode()`. Where
    /// libxdp's dispatcher runs the programs of others, ours joins them, and `link()` is empty;
    /// killed after others have changed what it runs, it stays (`xdp-loader unload`). With
    /// `hints_from` it fails with `unsupported` there and in generic mode, with `invalid_argument`
    /// on another interface.
    [[nodiscard]] bpf::outcome<void> attach(const bpf::network_interface& where,
                                            const bpf::xdp_attach_options& options = {});
    /// Has what the interface sends copied too (tcx, Linux 6.6), beside whatever other programs are
    /// there. Frames of AF_XDP sockets and of XDP programs are not seen: they pass by the network
    /// stack. Needs `copies_sent`. Fails with `unsupported` on older kernels.
    [[nodiscard]] bpf::outcome<void> attach_sent(const bpf::network_interface& where);
    /// All that was attached.
    void detach() noexcept;
    [[nodiscard]] const std::optional<bpf::xdp_link>& link() const noexcept { return link_; }
    [[nodiscard]] bpf::xdp_mode mode() const noexcept;
    /// Whether it is one of several programs that libxdp's dispatcher runs.
    [[nodiscard]] bool is_dispatched() const noexcept;

    [[nodiscard]] steering_counts counts() const noexcept;

    /// Tells each copy that has arrived, oldest first, `count_max` at most; yields how many. Their
    /// bytes are valid during the call.
    std::size_t take_copies(std::move_only_function<void(const packet_copy&)> told,
                            std::size_t count_max);
    /// Readable (poll(2)) while copies wait.
    [[nodiscard]] int copies_fd() const noexcept;

    /// The map of sockets by queue (BPF_MAP_TYPE_XSKMAP), to hand over to a process without
    /// privileges: see `add_to_map`.
    [[nodiscard]] int map_fd() const noexcept;
    [[nodiscard]] int program_fd() const noexcept;

private:
    struct program;
    [[nodiscard]] bpf::outcome<void> join(const bpf::network_interface& where,
                                          const bpf::xdp_hook& there);
    [[nodiscard]] bpf::outcome<void> check_hints(const bpf::network_interface& where,
                                                 bpf::xdp_mode mode, bool is_dispatched) const;
    explicit steering(std::unique_ptr<program> loaded) noexcept;

    std::unique_ptr<program> program_;
    std::optional<bpf::xdp_link> link_;
    unique_fd sent_link_;
};

/// What `steering::add` does, for whoever was handed the map. Needs no capability.
[[nodiscard]] bpf::outcome<void> add_to_map(int map_fd, const xdp_socket& socket);

}  // namespace ringway::xdp
