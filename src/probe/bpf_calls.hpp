// bpf(2) for trials: minimal programs and maps, given to the kernel as instructions of our own.
#pragma once

#include <cstdint>
#include <linux/bpf.h>
#include <span>

#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {

/// A program that yields a constant, unless it has instructions of its own.
struct small_program {
    std::uint32_t type = 0;
    std::uint32_t attach_type = 0;
    int yields = 0;
    std::uint32_t flags = 0;
    std::uint32_t attached_type_id = 0;  ///< In the kernel's BTF.
    std::span<const bpf_insn> instructions = {};
};

/// Loads it. Empty, with errno set, when it is refused.
[[nodiscard]] unique_fd load_program(const small_program& what) noexcept;

/// BPF_PROG_LOAD, several times if the verifier gives up with EAGAIN: it does where a signal is
/// pending, which work of io_uring for this thread looks like as well. Empty, with errno set, when
/// it is refused.
[[nodiscard]] unique_fd load_with_retries(bpf_attr& how) noexcept;

struct small_map {
    std::uint32_t type = 0;
    std::uint32_t key_bytes = 4;
    std::uint32_t value_bytes = 4;
    std::uint32_t entries = 1;
    std::uint32_t flags = 0;
};
[[nodiscard]] unique_fd make_map(const small_map& what) noexcept;

/// Sets the value of a key, both of 4 bytes. False, with errno set, when it is refused.
bool set_value(int map, std::uint32_t key, std::uint32_t value) noexcept;

/// BPF_LINK_CREATE to an interface or to what `target` is a descriptor of. The link ends when its
/// descriptor is closed.
[[nodiscard]] unique_fd link_program(int program, std::uint32_t target, std::uint32_t attach_type,
                                     std::uint32_t flags = 0) noexcept;

/// BPF_RAW_TRACEPOINT_OPEN; null for programs that know from their BTF where they belong.
[[nodiscard]] unique_fd open_tracepoint(int program, const char* name) noexcept;

/// Whether it was compiled to machine code; only CAP_BPF is told.
[[nodiscard]] bool is_compiled(int program) noexcept;

// Of kernels newer than this build's headers.
inline constexpr std::uint32_t type_netfilter = 32;      // BPF_PROG_TYPE_NETFILTER, 6.4.
inline constexpr std::uint32_t attach_netfilter = 45;    // BPF_NETFILTER, 6.4.
inline constexpr std::uint32_t attach_tcx_ingress = 46;  // BPF_TCX_INGRESS, 6.6.
inline constexpr std::uint32_t map_arena = 33;           // BPF_MAP_TYPE_ARENA, 6.9.

}  // namespace ringway::probe
