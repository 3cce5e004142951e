#include <ringway/bpf/bpf_ready.hpp>

#include <array>
#include <bpf/bpf.h>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>

#include "probe/bpf_calls.hpp"

namespace ringway::bpf {
namespace {

constexpr std::uint32_t flag_token = 1U << 16U;  // BPF_F_TOKEN_FD
constexpr int kernel_enotsupp = 524;             // ENOTSUPP, which is not in errno.h.

std::string path_of_this_program() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "ringway";
}

std::string names_of(const std::vector<capability>& all, std::string_view between) {
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const capability each : all) {
        names.emplace_back(name_of(each));
    }
    return fmt::format("{}", fmt::join(names, between));
}

// All that `wanted` needs, for a command that is complete whatever was there before.
std::vector<capability> capabilities_for(need wanted) {
    std::vector<capability> all{capability::bpf};
    if (includes(wanted, need::programs) || includes(wanted, need::xdp_socket)) {
        all.push_back(capability::net_admin);
    }
    if (includes(wanted, need::xdp_socket)) {
        all.push_back(capability::net_raw);
    }
    all.push_back(capability::perfmon);  // The verifier lets no others compute with pointers.
    return all;
}

constexpr std::array<bpf_insn, 2> pass{{
    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = XDP_PASS},
    {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
}};

// Programs that see packets need CAP_NET_ADMIN to be loaded, those that trace do not.
int try_program(need wanted, std::uint32_t flags) noexcept {
    const bool traces_only = wanted == need::tracing;
    // Past libbpf, which would find out by the way what the kernel can do, without privileges that
    // it can do little, and remember that.
    bpf_attr load{};
    load.prog_type = traces_only ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_XDP;
    load.insns = reinterpret_cast<std::uintptr_t>(pass.data());
    load.insn_cnt = pass.size();
    load.prog_flags = flags;
    load.license = reinterpret_cast<std::uintptr_t>("GPL");
    return probe::load_with_retries(load) ? 0 : errno;
}

// Whoever mounted a BPF file system for us may have left rights there (delegate_cmds and others,
// Linux 6.9): then a token of it stands for capabilities. libbpf finds it the same way.
unique_fd find_token() {
    const char* const given = ::secure_getenv("LIBBPF_BPF_TOKEN_PATH");
    const unique_fd folder{
        ::open(given != nullptr ? given : "/sys/fs/bpf", O_DIRECTORY | O_RDONLY | O_CLOEXEC)};
    const int token = folder ? ::bpf_token_create(folder.get(), nullptr) : -1;
    return unique_fd{token < 0 ? -1 : token};
}

bool may_by_token(need wanted) {
    const unique_fd token = find_token();
    if (!token) {
        return false;
    }
    bpf_prog_load_opts how{};
    how.sz = sizeof(how);
    how.token_fd = static_cast<std::uint32_t>(token.get());
    how.prog_flags = flag_token;
    const auto kind = wanted == need::tracing ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_XDP;
    const int made = ::bpf_prog_load(kind, "try", "GPL", pass.data(), pass.size(), &how);
    const unique_fd program{made < 0 ? -1 : made};
    return static_cast<bool>(program);
}

// Before Linux 5.11 programs and maps count as locked memory of their user, those too that others
// have left a moment ago. libbpf lifts the limit as well, but only once it loads something.
int try_program_without_limit(need wanted) noexcept {
    const int why = try_program(wanted, 0);
    const rlimit none{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    if (why != EPERM || ::setrlimit(RLIMIT_MEMLOCK, &none) != 0) {
        return why;
    }
    return try_program(wanted, 0);
}

int try_socket() noexcept {
    const unique_fd made{::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)};
    return made ? 0 : errno;
}

outcome<void> explain(need wanted, const char* what, int why) {
    if (why == ENOSYS || why == EAFNOSUPPORT || why == EINVAL || why == kernel_enotsupp) {
        return refuse({errc::unsupported, why},
                      fmt::format("this kernel has no {}: it needs Linux {} or newer with "
                                  "CONFIG_BPF_SYSCALL and CONFIG_XDP_SOCKETS",
                                  what, wanted == need::tracing ? "5.10" : "5.18"));
    }
    const auto missing = missing_capabilities(wanted);
    if (missing.empty()) {
        return refuse({errc::not_permitted, why},
                      fmt::format("{} refused ({}) although the capabilities are there: a "
                                  "container or a lockdown forbids it; run it on the host",
                                  what, describe(error_from_errno(why))));
    }
    return refuse({errc::not_permitted, why},
                  fmt::format("{} needs {}: run it as root, or once: sudo setcap {}=ep {}", what,
                              names_of(missing, ", "), names_of(capabilities_for(wanted), ","),
                              path_of_this_program()));
}

}  // namespace

bool has_capability(capability which) noexcept {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return false;
    }
    const auto bit = static_cast<unsigned>(which);
    return (sets[bit / 32].effective >> (bit % 32) & 1U) != 0;
}

const char* name_of(capability which) noexcept {
    switch (which) {
        case capability::net_admin: return "cap_net_admin";
        case capability::net_raw: return "cap_net_raw";
        case capability::ipc_lock: return "cap_ipc_lock";
        case capability::sys_admin: return "cap_sys_admin";
        case capability::perfmon: return "cap_perfmon";
        case capability::bpf: return "cap_bpf";
    }
    return "";
}

std::vector<capability> missing_capabilities(need wanted) {
    const bool may_all = has_capability(capability::sys_admin);
    std::vector<capability> missing;
    for (const capability each : capabilities_for(wanted)) {
        const bool implied = may_all && (each == capability::bpf || each == capability::perfmon);
        if (!implied && !has_capability(each)) {
            missing.push_back(each);
        }
    }
    return missing;
}

outcome<void> bpf_ready(need wanted) {
    if (wanted != need::xdp_socket) {
        const int why = try_program_without_limit(wanted);
        if (why != 0 && (why != EPERM || !may_by_token(wanted))) {
            return explain(wanted, "loading BPF programs", why);
        }
    }
    // What all of ours are: with jumbo frames, and with the helpers of the same kernel.
    if (includes(wanted, need::programs) && try_program(wanted, BPF_F_XDP_HAS_FRAGS) == EINVAL) {
        return explain(wanted, "XDP programs for frames of several buffers", EINVAL);
    }
    if (includes(wanted, need::xdp_socket)) {
        if (const int why = try_socket(); why != 0) {
            return explain(wanted, "an AF_XDP socket", why);
        }
    }
    // Loading two instructions is not all of it: attaching and parsing need the others.
    if (!missing_capabilities(wanted).empty()) {
        return explain(wanted, "this", EPERM);
    }
    return {};
}

}  // namespace ringway::bpf
