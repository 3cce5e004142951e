#include "xdp/dispatcher.hpp"

#include <bpf/bpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#ifdef RINGWAY_HAVE_LIBXDP
#include <xdp/libxdp.h>
#endif

#include <ringway/base/result.hpp>
#include <ringway/bpf/bpf_log.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>

namespace ringway::xdp {
namespace {

std::unexpected<bpf::refusal> refuse_to_join(const bpf::network_interface& where,
                                             const bpf::xdp_hook& there, int failed,
                                             std::string_view reason) {
    return bpf::refuse(
        {failed == EPERM ? errc::unsupported : error_from_errno(failed).code, failed},
        fmt::format("{} is run by the dispatcher of libxdp (program {}), and joining it failed: "
                    "{}; xdp-loader status {} lists what it runs",
                    where.name, there.program, reason, where.name));
}

constexpr unsigned abandoned_max = 10;  // As many as there is room for.

#ifdef RINGWAY_HAVE_LIBXDP

[[gnu::format(printf, 2, 0)]] int say_nothing(libxdp_print_level /*level*/, const char* /*format*/,
                                              std::va_list /*arguments*/) {
    return 0;
}

xdp_attach_mode attach_mode_of(bpf::xdp_mode mode) noexcept {
    switch (mode) {
        case bpf::xdp_mode::generic: return XDP_MODE_SKB;
        case bpf::xdp_mode::hardware: return XDP_MODE_HW;
        case bpf::xdp_mode::driver:
        case bpf::xdp_mode::automatic: break;
    }
    return XDP_MODE_NATIVE;
}

#endif

}  // namespace

#ifdef RINGWAY_HAVE_LIBXDP

bpf::outcome<std::unique_ptr<dispatcher_member>> dispatcher_member::join(
    bpf_object* opened, const bpf::network_interface& where, const bpf::xdp_hook& there,
    unsigned priority) {
    static const auto hooked = ::libxdp_set_print(say_nothing);
    static_cast<void>(hooked);
    std::optional<bpf::bpf_log> log{std::in_place};
    xdp_program* const program = ::xdp_program__from_bpf_obj(opened, "xdp.frags");
    if (const long failed = ::libxdp_get_error(program); failed != 0) {
        return refuse_to_join(where, there, static_cast<int>(-failed),
                              std::strerror(static_cast<int>(-failed)));
    }
    ::xdp_program__set_run_prio(program, priority);
    const int failed = ::xdp_program__attach(program, static_cast<int>(where.index),
                                             attach_mode_of(there.mode), 0);
    if (failed == 0) {
        std::unique_ptr<dispatcher_member> joined{
            new dispatcher_member{program, where.index, there.mode}};
        log.reset();  // One at a time.
        static_cast<void>(joined->keep());
        return joined;
    }
    ::xdp_program__close(program);
    if (failed == -EPERM || failed == -EOPNOTSUPP) {
        return refuse_to_join(where, there, EPERM,
                              "this kernel refuses extension programs (BPF trampolines)");
    }
    const std::string reason = log->reason();
    return refuse_to_join(where, there, -failed,
                          reason.empty() ? std::string{std::strerror(-failed)} : reason);
}

std::uint32_t dispatcher_member::number() const noexcept {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const int fd = ::xdp_program__fd(program_);
    return fd >= 0 && ::bpf_prog_get_info_by_fd(fd, &info, &size) == 0 ? info.id : 0;
}

// libxdp knows it by its number, and has to be asked for all of them.
static void take_out(const bpf::network_interface& where, std::uint32_t number,
                     bpf::xdp_mode mode) {
    static const auto hooked = ::libxdp_set_print(say_nothing);
    static_cast<void>(hooked);
    const bpf::bpf_log log;
    xdp_multiprog* const all = ::xdp_multiprog__get_from_ifindex(static_cast<int>(where.index));
    if (::libxdp_get_error(all) != 0) {
        return;
    }
    for (xdp_program* each = nullptr; (each = ::xdp_multiprog__next_prog(each, all)) != nullptr;) {
        if (::xdp_program__id(each) == number) {
            static_cast<void>(::xdp_program__detach(each, static_cast<int>(where.index),
                                                    attach_mode_of(mode), 0));
            break;
        }
    }
    ::xdp_multiprog__close(all);
}

dispatcher_member::~dispatcher_member() {
    const bpf::bpf_log log;  // What it has to say nobody can use any more.
    ::xdp_program__detach(program_, static_cast<int>(interface_), attach_mode_of(mode_), 0);
    ::xdp_program__close(program_);
}

#else

bpf::outcome<std::unique_ptr<dispatcher_member>> dispatcher_member::join(
    bpf_object* /*opened*/, const bpf::network_interface& where, const bpf::xdp_hook& there,
    unsigned /*priority*/) {
    return refuse_to_join(where, there, EPERM, "this program was built without libxdp");
}

dispatcher_member::~dispatcher_member() {  // There is none.
    static_cast<void>(program_);
    static_cast<void>(interface_);
}

std::uint32_t dispatcher_member::number() const noexcept { return 0; }

static void take_out(const bpf::network_interface& /*where*/, std::uint32_t /*number*/,
                     bpf::xdp_mode /*mode*/) {}

#endif

bpf::outcome<bpf::xdp_hook> dispatcher_member::find(const bpf::network_interface& where) {
    auto there = bpf::query_xdp(where.index);
    for (unsigned i = 0; i < abandoned_max && there && there->is_dispatcher; ++i) {
        const std::uint32_t dead = dispatcher_hold::find_abandoned(where.index, there->program);
        if (dead == 0) {
            break;
        }
        take_out(where, dead, there->mode);
        there = bpf::query_xdp(where.index);
    }
    if (there) {
        dispatcher_hold::forget_gone(where.index, there->is_dispatcher ? there->program : 0);
    }
    return there;
}

bool dispatcher_member::keep() noexcept {
    const auto there = bpf::query_xdp(interface_);
    if (!there || there->program == 0) {
        return false;
    }
    if (there->program == hold_.dispatcher()) {
        return true;
    }
    return hold_.take(interface_, there->program, number()) ||
           dispatcher_hold::is_listed(interface_, there->program, number());
}

}  // namespace ringway::xdp
