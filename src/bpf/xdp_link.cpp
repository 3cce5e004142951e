#include <ringway/bpf/xdp_link.hpp>

#include <array>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <fmt/core.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <string>
#include <thread>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/bpf_log.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>

namespace ringway::bpf {
namespace {

constexpr std::chrono::milliseconds between_attempts{5};
constexpr int kernel_enotsupp = 524;  // ENOTSUPP, which is not in errno.h.

std::uint32_t flags_of(xdp_mode mode) noexcept {
    switch (mode) {
        case xdp_mode::generic: return XDP_FLAGS_SKB_MODE;
        case xdp_mode::hardware: return XDP_FLAGS_HW_MODE;
        case xdp_mode::automatic:
        case xdp_mode::driver: break;
    }
    return XDP_FLAGS_DRV_MODE;
}

std::string name_of_program(std::uint32_t id) {
    const unique_fd program{::bpf_prog_get_fd_by_id(id)};
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (!program || ::bpf_prog_get_info_by_fd(program.get(), &info, &size) != 0) {
        return {};
    }
    return {&info.name[0], ::strnlen(&info.name[0], sizeof(info.name))};
}

// Which of the hook's places is taken.
std::pair<std::uint32_t, xdp_mode> program_on(const bpf_xdp_query_opts& found) noexcept {
    if (found.drv_prog_id != 0) {
        return {found.drv_prog_id, xdp_mode::driver};
    }
    if (found.skb_prog_id != 0) {
        return {found.skb_prog_id, xdp_mode::generic};
    }
    if (found.hw_prog_id != 0) {
        return {found.hw_prog_id, xdp_mode::hardware};
    }
    return {found.prog_id, xdp_mode::automatic};
}

std::unexpected<refusal> refuse_foreign(const network_interface& where, const xdp_hook& there) {
    const std::string name =
        there.program_name.empty() ? std::string{} : fmt::format(" \"{}\"", there.program_name);
    const char* const advice =
        there.is_dispatcher
            ? "it is the dispatcher of libxdp: xdp-loader status lists what it runs, "
              "xdp-loader unload ends it"
            : "end what attached it (bpftool net, bpftool link), or if nobody needs it and no "
              "link holds it: ip link set dev";
    return refuse({errc::not_permitted, EBUSY},
                  there.is_dispatcher
                      ? fmt::format("{} has an XDP program already, number {}{}; {}", where.name,
                                    there.program, name, advice)
                      : fmt::format("{} has an XDP program already, number {}{}, which is left "
                                    "alone; {} {} {} off",
                                    where.name, there.program, name, advice, where.name,
                                    there.mode == xdp_mode::generic ? "xdpgeneric" : "xdp"));
}

// Waits until nothing is attached.
outcome<void> wait_for_free_hook(const network_interface& where,
                                 std::chrono::steady_clock::time_point until) {
    for (;;) {
        auto there = query_xdp(where.index);
        if (!there) {
            return std::unexpected{there.error()};
        }
        if (there->program == 0) {
            return {};
        }
        if (std::chrono::steady_clock::now() >= until) {
            return refuse_foreign(where, *there);
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

struct attempt {
    unique_fd link;
    int failed = 0;
    std::string reason;  // Never empty after a failure.
};

attempt try_mode(int program, const network_interface& where, xdp_mode mode) {
    bpf_link_create_opts how{};
    how.sz = sizeof(how);
    how.flags = flags_of(mode);
    const bpf_log log;
    const int made = ::bpf_link_create(program, static_cast<int>(where.index), BPF_XDP, &how);
    if (made >= 0) {
        return {.link = unique_fd{made}};
    }
    return {.failed = -made, .reason = log.reason_or(made)};
}

bool driver_can_not(int failed) noexcept {
    return failed == EOPNOTSUPP || failed == EINVAL || failed == kernel_enotsupp ||
           failed == ERANGE || failed == ENOSPC;
}

std::unexpected<refusal> refuse_attempt(const network_interface& where, xdp_mode mode,
                                        const attempt& tried) {
    if (driver_can_not(tried.failed)) {
        return refuse({errc::unsupported, tried.failed},
                      fmt::format("{}{} can't run XDP programs in {} mode: {}; generic mode "
                                  "works on every interface",
                                  where.name, where.driver.empty() ? "" : " (" + where.driver + ")",
                                  name_of(mode), tried.reason));
    }
    return refuse(error_from_errno(tried.failed),
                  fmt::format("attaching to {} failed: {}", where.name, tried.reason));
}

}  // namespace

const char* name_of(xdp_mode mode) noexcept {
    switch (mode) {
        case xdp_mode::automatic: return "automatic";
        case xdp_mode::generic: return "generic";
        case xdp_mode::driver: return "driver";
        case xdp_mode::hardware: return "hardware";
    }
    return "";
}

outcome<xdp_hook> query_xdp(unsigned interface) {
    bpf_xdp_query_opts found{};
    found.sz = sizeof(found);
    const bpf_log log;
    int failed = ::bpf_xdp_query(static_cast<int>(interface), 0, &found);
    std::array<char, IF_NAMESIZE> name{};
    // Older kernels list all interfaces then, and libbpf finds nothing wrong with none.
    if (failed == 0 && ::if_indextoname(interface, name.data()) == nullptr) {
        failed = -ENODEV;
    }
    if (failed != 0) {
        return refuse(error_from_errno(-failed),
                      fmt::format("asking for the XDP programs of interface {} failed: {}",
                                  interface, std::strerror(-failed)));
    }
    const auto [id, mode] = program_on(found);
    xdp_hook hook{.program = id, .mode = mode};
    if (id != 0) {
        hook.program_name = name_of_program(id);
        hook.is_dispatcher = hook.program_name == "xdp_dispatcher";
    }
    hook.features = found.feature_flags;
    hook.zero_copy_segments = found.xdp_zc_max_segs;
    return hook;
}

outcome<xdp_link> xdp_link::attach(int program, const network_interface& where,
                                   const xdp_attach_options& options) {
    const auto until = std::chrono::steady_clock::now() + options.patience;
    xdp_mode mode = options.mode == xdp_mode::automatic ? xdp_mode::driver : options.mode;
    std::string driver_refused;
    for (;;) {
        if (const auto is_free = wait_for_free_hook(where, until); !is_free) {
            return std::unexpected{is_free.error()};
        }
        attempt tried = try_mode(program, where, mode);
        if (tried.link) {
            return xdp_link{std::move(tried.link), mode, std::move(driver_refused)};
        }
        if (tried.failed == EBUSY && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(between_attempts);  // Somebody was faster, or is leaving.
            continue;
        }
        if (options.mode != xdp_mode::automatic || mode == xdp_mode::generic ||
            !driver_can_not(tried.failed)) {
            return refuse_attempt(where, mode, tried);
        }
        driver_refused = tried.reason;
        mode = xdp_mode::generic;
    }
}

bool xdp_link::is_attached() const noexcept {
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    return link_ && ::bpf_link_get_info_by_fd(link_.get(), &info, &size) == 0 &&
           info.xdp.ifindex != 0;
}

void xdp_link::detach() noexcept {
    if (link_) {
        ::bpf_link_detach(link_.get());
        link_.reset();
    }
}

}  // namespace ringway::bpf
