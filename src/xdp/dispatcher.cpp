#include "xdp/dispatcher.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <memory>
#include <string>
#include <string_view>

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
    bpf_object* opened, const bpf::network_interface& where, const bpf::xdp_hook& there) {
    static const auto hooked = ::libxdp_set_print(say_nothing);
    static_cast<void>(hooked);
    const bpf::bpf_log log;
    xdp_program* const program = ::xdp_program__from_bpf_obj(opened, "xdp.frags");
    if (const long failed = ::libxdp_get_error(program); failed != 0) {
        return refuse_to_join(where, there, static_cast<int>(-failed),
                              std::strerror(static_cast<int>(-failed)));
    }
    const int failed = ::xdp_program__attach(program, static_cast<int>(where.index),
                                             attach_mode_of(there.mode), 0);
    if (failed == 0) {
        return std::unique_ptr<dispatcher_member>{
            new dispatcher_member{program, where.index, there.mode}};
    }
    ::xdp_program__close(program);
    if (failed == -EPERM || failed == -EOPNOTSUPP) {
        return refuse_to_join(where, there, EPERM,
                              "this kernel refuses extension programs (BPF trampolines)");
    }
    const std::string reason = log.reason();
    return refuse_to_join(where, there, -failed,
                          reason.empty() ? std::string{std::strerror(-failed)} : reason);
}

dispatcher_member::~dispatcher_member() {
    const bpf::bpf_log log;  // What it has to say nobody can use any more.
    ::xdp_program__detach(program_, static_cast<int>(interface_), attach_mode_of(mode_), 0);
    ::xdp_program__close(program_);
}

#else

bpf::outcome<std::unique_ptr<dispatcher_member>> dispatcher_member::join(
    bpf_object* /*opened*/, const bpf::network_interface& where, const bpf::xdp_hook& there) {
    return refuse_to_join(where, there, EPERM, "this program was built without libxdp");
}

dispatcher_member::~dispatcher_member() {  // There is none.
    static_cast<void>(program_);
    static_cast<void>(interface_);
}

#endif

}  // namespace ringway::xdp
