// Trials of AF_XDP, on a pair of interfaces in a network namespace of our own.
#include <array>
#include <cerrno>
#include <fmt/core.h>
#include <linux/if_link.h>
#include <unistd.h>

#include "probe/bpf_calls.hpp"
#include "probe/private_network.hpp"
#include "probe/trial.hpp"
#include "probe/xdp_socket.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

// For experiments on a local network (IEEE 802, "local experimental").
constexpr std::uint16_t frame_type = 0x88b5;
constexpr std::uint16_t use_multi_buffer = 1U << 4U;  // XDP_USE_SG, 6.6.

std::string fix_of(int failure) {
    if (failure == ENOBUFS || failure == ENOMEM) {
        return "ulimit -l 65536 # systemd: LimitMEMLOCK=64M";
    }
    return (failure == EPERM || failure == EACCES) && ::geteuid() != 0 ? "sudo ringway doctor" : "";
}

outcome no_network(const private_network& where) {
    return found_nothing("no network namespace with interfaces: " + error_text(where.error),
                         ::geteuid() == 0 ? "" : "sudo ringway doctor");
}

outcome in_private(const private_network& where, std::string detail = {}) {
    return where.own_user ? found_partial(
                                "inside a user namespace only; elsewhere it needs "
                                "CAP_NET_RAW",
                                "sudo ringway doctor")
                          : found_yes(std::move(detail));
}

outcome failed(const xdp_socket& socket) {
    return found_no(fmt::format("{}: {}", socket.failed_in(), error_text(socket.error())),
                    fix_of(socket.error()));
}

outcome makes_sockets(argument) {
    const auto where = enter_private_network();
    const xdp_socket socket;
    if (socket.error() != 0) {
        return failed(socket);
    }
    return where.error != 0 ? found_yes() : in_private(where);
}

template <std::uint16_t Flags>
outcome binds(argument) {
    const auto where = enter_private_network();
    if (where.error != 0) {
        return no_network(where);
    }
    xdp_socket socket;
    if (socket.error() != 0) {
        return failed(socket);
    }
    const int failure = socket.bind(where.interface, Flags);
    return failure == 0 ? in_private(where) : refused(failure, fix_of(failure));
}

// bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS)
std::array<bpf_insn, 6> redirecting_to(int sockets) {
    constexpr int queue_at = 16;  // Of rx_queue_index in struct xdp_md.
    return {bpf_insn{BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, queue_at, 0},
            bpf_insn{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, sockets},
            bpf_insn{0, 0, 0, 0, 0},
            bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, XDP_PASS},
            bpf_insn{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map},
            bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
}

// A frame goes in at one end of the pair, by a program at the other into our memory.
template <std::uint32_t Mode>
outcome receives(argument) {
    const auto where = enter_private_network();
    if (where.error != 0) {
        return no_network(where);
    }
    xdp_socket socket;
    if (socket.error() != 0) {
        return failed(socket);
    }
    const unique_fd sockets = make_map({.type = BPF_MAP_TYPE_XSKMAP});
    const auto instructions = redirecting_to(sockets.get());
    const unique_fd program = load_program(
        {.type = BPF_PROG_TYPE_XDP, .attach_type = BPF_XDP, .instructions = instructions});
    if (!sockets || !program) {
        return refused(errno, fix_of(errno));
    }
    const unique_fd link = link_program(program.get(), where.interface, BPF_XDP, Mode);
    if (!link) {
        return refused(errno, fix_of(errno));
    }
    if (!socket.offer_frames()) {
        return refused(errno);
    }
    if (const int failure = socket.bind(where.interface, XDP_COPY); failure != 0) {
        return refused(failure, fix_of(failure));
    }
    if (!set_value(sockets.get(), 0, static_cast<std::uint32_t>(socket.fd()))) {
        return refused(errno);
    }
    if (const int failure = send_frame(where.peer, frame_type); failure != 0) {
        return found_nothing("no frame could be sent: " + error_text(failure));
    }
    return socket.receives(frame_type) ? found_yes() : found_no("the frame did not arrive");
}

constexpr auto about = topic::xdp;

}  // namespace

std::vector<trial> xdp_trials() {
    return {
        {"xdp.socket", about, "AF_XDP sockets", "4.18", "socket(2), memory and rings",
         "Frames to and from user memory", fix_by_kernel, false, makes_sockets},
        {"xdp.bind", about, "taking a queue", "4.18", "bind(2) to a veth pair of our own",
         "The packets of a queue instead of the network stack", fix_by_kernel, false,
         binds<XDP_COPY>},
        {"xdp.need_wakeup", about, "waking only when needed", "5.4", "bind(2), XDP_USE_NEED_WAKEUP",
         "Saves system calls under load", fix_by_kernel, false,
         binds < XDP_COPY | XDP_USE_NEED_WAKEUP > },
        {"xdp.multi_buffer", about, "frames of several buffers", "6.6", "bind(2), XDP_USE_SG",
         "Jumbo frames", fix_by_kernel, false, binds < XDP_COPY | use_multi_buffer > },
        {"xdp.generic_copy", about, "a frame, generic mode", "5.9", "a frame through a veth pair",
         "Works on every interface, slower than native", fix_by_kernel, false,
         receives<XDP_FLAGS_SKB_MODE>},
        {"xdp.native_copy", about, "a frame, native mode", "5.9", "a frame through a veth pair",
         "The driver hands frames over before it makes packets", fix_by_kernel, false,
         receives<XDP_FLAGS_DRV_MODE>},
    };
}

}  // namespace ringway::probe
