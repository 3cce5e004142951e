// May this process load BPF programs, and if not, what would let it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ringway/bpf/refusal.hpp>

namespace ringway::bpf {

/// The capabilities that BPF programs and AF_XDP sockets need (capabilities(7)).
enum class capability : std::uint8_t {
    net_admin = 12,  ///< Attach programs to interfaces.
    net_raw = 13,    ///< socket(AF_XDP).
    ipc_lock = 14,   ///< Lock memory beyond RLIMIT_MEMLOCK.
    sys_admin = 21,  ///< Ask for programs and maps of others by their number.
    perfmon = 38,    ///< Tracing programs, and pointer arithmetic in others (Linux 5.8).
    bpf = 39,        ///< Load programs, make maps (Linux 5.8).
};

/// What is wanted; combine with `|`.
enum class need : std::uint8_t {
    programs = 1,    ///< Load programs that parse packets, and attach them to interfaces.
    tracing = 2,     ///< Tracing programs and iterators.
    xdp_socket = 4,  ///< AF_XDP sockets.
};
[[nodiscard]] constexpr need operator|(need a, need b) noexcept {
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): a set of bits.
    return static_cast<need>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool includes(need all, need one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

/// Whether `which` is in the effective set of the calling thread (capget(2)).
[[nodiscard]] bool has_capability(capability which) noexcept;

/// Its name as setcap(8) takes it ("cap_bpf").
[[nodiscard]] const char* name_of(capability which) noexcept;

/// The capabilities for `wanted` that the calling thread lacks. CAP_SYS_ADMIN stands for CAP_BPF
/// and CAP_PERFMON, as in the kernel.
[[nodiscard]] std::vector<capability> missing_capabilities(need wanted);

/// Tries what is wanted, by loading a program of two instructions or by opening a socket, and says
/// in one line why it is refused: capabilities that are missing (with the command that gives them),
/// a kernel without it, or a container that forbids it although the capabilities are there. Where
/// loading is refused, a token of the BPF file system will do (at LIBBPF_BPF_TOKEN_PATH, else
/// /sys/fs/bpf; Linux 6.9): that is how a container without privileges is allowed programs.
///
/// Fails with `not_permitted` or `unsupported`. Any thread.
[[nodiscard]] outcome<void> bpf_ready(need wanted);

}  // namespace ringway::bpf
