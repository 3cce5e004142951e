// Trials of eBPF: programs that do nothing are attached for an instant, to what is hardly ever
// reached: a function of the kernel's self test, a tracepoint of XDP failures, a private network.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if_link.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/bpf_calls.hpp"
#include "probe/btf.hpp"
#include "probe/private_network.hpp"
#include "probe/run_trials.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr const char* quiet_function = "bpf_fentry_test1";
constexpr const char* quiet_event = "xdp_exception";

std::string by_root() { return ::geteuid() == 0 ? "" : "sudo ringway doctor"; }

outcome refused_here(int failure) {
    return refused(failure, failure == EPERM || failure == EACCES ? by_root() : "");
}

outcome from_link(const unique_fd& link) { return link ? found_yes() : refused_here(errno); }

outcome traces_functions(argument) {
    const auto id = find_kernel_type(btf_kind::function, quiet_function);
    const unique_fd program = load_program(
        {.type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_FENTRY, .attached_type_id = id});
    return id == 0    ? found_no("the kernel's BTF has no function for it")
           : !program ? refused_here(errno)
                      : from_link(open_tracepoint(program.get(), nullptr));
}

outcome traces_raw(argument) {
    const unique_fd program = load_program({.type = BPF_PROG_TYPE_RAW_TRACEPOINT});
    return program ? from_link(open_tracepoint(program.get(), quiet_event)) : refused_here(errno);
}

// A counter of perf_event_open(2) with a program on it.
outcome attach_to_event(perf_event_attr& event, std::uint32_t type) {
    const unique_fd program = load_program({.type = type});
    if (!program) {
        return refused_here(errno);
    }
    event.size = sizeof event;
    const unique_fd counter{
        static_cast<int>(::syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC))};
    if (!counter || ::ioctl(counter.get(), PERF_EVENT_IOC_SET_BPF, program.get()) != 0) {
        return refused_here(errno);
    }
    return found_yes();
}

std::string event_number() {
    for (const char* const folder : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
        auto line = first_line_of(fmt::format("{}/events/xdp/{}/id", folder, quiet_event));
        if (!line.empty()) {
            return line;
        }
    }
    return "";
}

outcome attach_to_tracepoint(const std::string& number) {
    perf_event_attr event{};
    event.type = PERF_TYPE_TRACEPOINT;
    event.config = std::strtoull(number.c_str(), nullptr, 10);
    return attach_to_event(event, BPF_PROG_TYPE_TRACEPOINT);
}

// In a mount namespace of its own: the machine's mounts stay as they are.
int attaches_with_own_mount() {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr) != 0) {
        return errno;
    }
    const auto number = event_number();
    return !number.empty() && attach_to_tracepoint(number).has == state::yes ? 0 : ENOENT;
}

outcome traces_events(argument) {
    const auto number = event_number();
    if (!number.empty()) {
        return attach_to_tracepoint(number);
    }
    const int status = run_in_child(attaches_with_own_mount);
    if (status == 0) {
        return found_partial("only once tracefs is mounted",
                             "sudo mount -t tracefs none /sys/kernel/tracing");
    }
    return found_no(
        "tracefs can't be seen" + (status > 0 ? "; mounting it: " + error_text(status) : ""),
        ::geteuid() == 0 ? "mount -t tracefs none /sys/kernel/tracing" : by_root());
}

outcome probes_functions(argument) {
    const auto type = first_line_of("/sys/bus/event_source/devices/kprobe/type");
    if (type.empty()) {
        return found_no("the kernel has none (or /sys is not mounted)",
                        "run a kernel with CONFIG_KPROBES");
    }
    perf_event_attr event{};
    event.type = static_cast<std::uint32_t>(std::strtoul(type.c_str(), nullptr, 10));
    event.kprobe_func = reinterpret_cast<std::uintptr_t>(quiet_function);
    return attach_to_event(event, BPF_PROG_TYPE_KPROBE);
}

outcome no_network(const private_network& where) {
    return found_nothing("no network namespace with interfaces: " + error_text(where.error),
                         by_root());
}

outcome attach_to_interface(const small_program& what, std::uint32_t attach_type,
                            std::uint32_t flags) {
    const auto where = enter_private_network();
    if (where.error != 0) {
        return no_network(where);
    }
    const unique_fd program = load_program(what);
    return program ? from_link(link_program(program.get(), where.interface, attach_type, flags))
                   : refused_here(errno);
}

template <std::uint32_t Mode>
outcome attaches_xdp(argument) {
    return attach_to_interface(
        {.type = BPF_PROG_TYPE_XDP, .attach_type = BPF_XDP, .yields = XDP_PASS}, BPF_XDP, Mode);
}

outcome attaches_tcx(argument) {
    return attach_to_interface({.type = BPF_PROG_TYPE_SCHED_CLS}, attach_tcx_ingress, 0);
}

outcome attaches_lookup(argument) {
    const auto where = enter_private_network();
    if (where.error != 0) {
        return no_network(where);
    }
    const unique_fd space{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
    const unique_fd program =
        load_program({.type = BPF_PROG_TYPE_SK_LOOKUP, .attach_type = BPF_SK_LOOKUP, .yields = 1});
    if (!space || !program) {
        return refused_here(errno);
    }
    return from_link(
        link_program(program.get(), static_cast<std::uint32_t>(space.get()), BPF_SK_LOOKUP));
}

constexpr auto about = topic::bpf;
constexpr std::string_view on_pair = "BPF_LINK_CREATE, on a veth pair";

}  // namespace

// Those in a network of their own come last: the process stays in it.
std::vector<trial> bpf_attach_trials() {
    return {
        {"bpf.attach.raw_tracepoint", about, "attached: raw tracepoint", "4.17",
         "BPF_RAW_TRACEPOINT_OPEN", "Events, without tracefs", "", false, traces_raw},
        {"bpf.attach.tracepoint", about, "attached: tracepoint", "4.7", "perf_event_open(2)",
         "Events that the kernel documents", "", false, traces_events},
        {"bpf.attach.kprobe", about, "attached: kprobe", "4.17", "perf_event_open(2), kprobe",
         "Any function of the kernel", "", false, probes_functions},
        {"bpf.attach.fentry", about, "attached: fentry", "5.5", "BPF_RAW_TRACEPOINT_OPEN",
         "Functions of the kernel at hardly any cost", "", false, traces_functions},
        {"bpf.attach.xdp", about, "attached: XDP, native", "5.9", on_pair,
         "Packets before they are packets", "", false, attaches_xdp<XDP_FLAGS_DRV_MODE>},
        {"bpf.attach.xdp_generic", about, "attached: XDP, generic", "5.9", on_pair,
         "XDP on any interface", "", false, attaches_xdp<XDP_FLAGS_SKB_MODE>},
        {"bpf.attach.tcx", about, "attached: tcx", "6.6", on_pair,
         "Traffic control without a queueing discipline", fix_by_kernel, false, attaches_tcx},
        {"bpf.attach.sk_lookup", about, "attached: socket lookup", "5.9",
         "BPF_LINK_CREATE, in a namespace", "Many addresses, one socket", "", false,
         attaches_lookup},
    };
}

}  // namespace ringway::probe
