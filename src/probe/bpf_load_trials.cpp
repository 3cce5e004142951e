// Trials of eBPF: which kinds of programs and maps the kernel takes.
#include <cerrno>
#include <fmt/core.h>
#include <unistd.h>

#include "probe/bpf_calls.hpp"
#include "probe/btf.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

std::string by_root() { return ::geteuid() == 0 ? "" : "sudo ringway doctor"; }

outcome refused_by_bpf(int failure) {
    return refused(failure, failure == EPERM || failure == EACCES ? by_root() : "");
}

struct program_row {
    std::string_view id;
    std::string_view name;
    std::string_view since;
    std::string_view why;
    small_program what;
    std::string_view function = {};  ///< Whose BTF it needs.
    btf_kind kind = btf_kind::function;
};

constexpr program_row programs[] = {
    {"socket_filter",
     "socket filters",
     "3.19",
     "Chooses what a socket receives",
     {.type = BPF_PROG_TYPE_SOCKET_FILTER}},
    {"xdp",
     "XDP",
     "4.8",
     "Packets before the network stack sees them",
     {.type = BPF_PROG_TYPE_XDP, .yields = XDP_PASS}},
    {"xdp_frags",
     "XDP for large frames",
     "5.18",
     "ringway xdp and guard are such programs",
     {.type = BPF_PROG_TYPE_XDP, .yields = XDP_PASS, .flags = BPF_F_XDP_HAS_FRAGS}},
    {"sched_cls",
     "traffic control",
     "4.1",
     "Packets in and out, with their metadata",
     {.type = BPF_PROG_TYPE_SCHED_CLS}},
    {"netfilter",
     "netfilter",
     "6.4",
     "Firewall hooks",
     {.type = type_netfilter, .attach_type = attach_netfilter, .yields = 1}},
    {"sk_reuseport",
     "SO_REUSEPORT",
     "4.19",
     "Chooses the socket of a new connection",
     {.type = BPF_PROG_TYPE_SK_REUSEPORT, .yields = 1}},
    {"sk_lookup",
     "socket lookup",
     "5.9",
     "Serves many addresses by one socket",
     {.type = BPF_PROG_TYPE_SK_LOOKUP, .attach_type = BPF_SK_LOOKUP, .yields = 1}},
    {"sock_ops",
     "socket operations",
     "4.13",
     "Events and options of TCP connections",
     {.type = BPF_PROG_TYPE_SOCK_OPS, .attach_type = BPF_CGROUP_SOCK_OPS, .yields = 1}},
    {"cgroup_skb",
     "packets of a cgroup",
     "4.10",
     "Accounts and filters of containers",
     {.type = BPF_PROG_TYPE_CGROUP_SKB, .attach_type = BPF_CGROUP_INET_INGRESS, .yields = 1}},
    {"cgroup_connect",
     "connects of a cgroup",
     "4.17",
     "Services of containers",
     {.type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
      .attach_type = BPF_CGROUP_INET4_CONNECT,
      .yields = 1}},
    {"sk_msg",
     "messages of sockets",
     "4.17",
     "From socket to socket in the kernel",
     {.type = BPF_PROG_TYPE_SK_MSG, .attach_type = BPF_SK_MSG_VERDICT, .yields = 1}},
    {"flow_dissector",
     "flow dissector",
     "4.20",
     "Reads headers of unknown protocols",
     {.type = BPF_PROG_TYPE_FLOW_DISSECTOR, .attach_type = BPF_FLOW_DISSECTOR}},
    {"tracepoint",
     "tracepoints",
     "4.7",
     "Events that the kernel documents",
     {.type = BPF_PROG_TYPE_TRACEPOINT}},
    {"raw_tracepoint",
     "raw tracepoints",
     "4.17",
     "The same, faster",
     {.type = BPF_PROG_TYPE_RAW_TRACEPOINT}},
    {"kprobe", "kprobes", "4.1", "Any function of the kernel", {.type = BPF_PROG_TYPE_KPROBE}},
    {"perf_event", "performance counters", "4.9", "Profiles", {.type = BPF_PROG_TYPE_PERF_EVENT}},
    {"fentry",
     "fentry, fexit",
     "5.5",
     "Functions of the kernel at hardly any cost",
     {.type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_FENTRY},
     "bpf_fentry_test1"},
    {"tp_btf",
     "typed tracepoints",
     "5.5",
     "Tracepoints with types, without tracefs",
     {.type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_RAW_TP},
     "btf_trace_xdp_exception",
     btf_kind::type_name},
    {"iterator",
     "iterators",
     "5.8",
     "Lists of sockets, tasks and maps in one read",
     {.type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_ITER},
     "bpf_iter_task"},
    {"lsm",
     "security hooks",
     "5.7",
     "Policies as programs",
     {.type = BPF_PROG_TYPE_LSM, .attach_type = BPF_LSM_MAC},
     "bpf_lsm_file_open"},
    {"syscall",
     "programs that call bpf(2)",
     "5.14",
     "Loaders in the kernel",
     {.type = BPF_PROG_TYPE_SYSCALL, .flags = BPF_F_SLEEPABLE}},
};

outcome loads(argument which) {
    for (const program_row& row : programs) {
        if (row.id != which) {
            continue;
        }
        small_program what = row.what;
        if (!row.function.empty()) {
            what.attached_type_id = find_kernel_type(row.kind, row.function);
            if (what.attached_type_id == 0) {
                return found_no(fmt::format("the kernel's BTF has no {}", row.function),
                                "run a kernel with CONFIG_DEBUG_INFO_BTF");
            }
        }
        return load_program(what) ? found_yes() : refused_by_bpf(errno);
    }
    return found_nothing("no such program");
}

struct map_row {
    std::string_view id;
    std::string_view name;
    std::string_view since;
    std::string_view why;
    small_map what;
};

constexpr map_row maps[] = {
    {"lru_hash",
     "maps that forget",
     "4.10",
     "State of clients without a limit of clients",
     {.type = BPF_MAP_TYPE_LRU_HASH, .entries = 16}},
    {"lpm_trie",
     "maps of address ranges",
     "4.11",
     "Lists of who is blocked",
     {.type = BPF_MAP_TYPE_LPM_TRIE, .key_bytes = 8, .entries = 4, .flags = BPF_F_NO_PREALLOC}},
    {"xskmap",
     "maps of AF_XDP sockets",
     "4.18",
     "Packets to user memory",
     {.type = BPF_MAP_TYPE_XSKMAP}},
    {"ringbuf",
     "ring buffers",
     "5.8",
     "Events to user memory, in order",
     {.type = BPF_MAP_TYPE_RINGBUF, .key_bytes = 0, .value_bytes = 0, .entries = 4096}},
    {"arena",
     "arenas",
     "6.9",
     "Memory that programs and processes share",
     {.type = map_arena, .key_bytes = 0, .value_bytes = 0, .flags = BPF_F_MMAPABLE}},
};

outcome makes(argument which) {
    for (const map_row& row : maps) {
        if (row.id == which) {
            return make_map(row.what) ? found_yes() : refused_by_bpf(errno);
        }
    }
    return found_nothing("no such map");
}

outcome compiles(argument) {
    const unique_fd program = load_program({.type = BPF_PROG_TYPE_SOCKET_FILTER});
    if (program && is_compiled(program.get())) {
        return found_yes();
    }
    const auto setting = first_line_of("/proc/sys/net/core/bpf_jit_enable");
    if (setting.empty()) {
        return found_nothing("not told without root", by_root());
    }
    return setting == "0" ? found_no("interpreted", "sudo sysctl -w net.core.bpf_jit_enable=1")
                          : found_yes("by the sysctl net.core.bpf_jit_enable");
}

outcome describes_itself(argument) {
    return has_kernel_btf() ? found_yes()
                            : found_no("/sys/kernel/btf/vmlinux can't be read",
                                       "run a kernel with CONFIG_DEBUG_INFO_BTF");
}

outcome is_open_to_all(argument) {
    const auto setting = first_line_of("/proc/sys/kernel/unprivileged_bpf_disabled");
    if (setting.empty()) {
        return found_nothing("the sysctl can't be read");
    }
    return setting == "0"
               ? found_yes("some kinds of programs")
               : found_no("kernel.unprivileged_bpf_disabled=" + setting + ", as it should be");
}

constexpr auto about = topic::bpf;

}  // namespace

std::vector<trial> bpf_load_trials() {
    std::vector<trial> all{
        {"bpf.btf", about, "types of the kernel (BTF)", "5.4", "/sys/kernel/btf/vmlinux",
         "Programs that run on kernels they were not compiled for", "", false, describes_itself},
        {"bpf.jit", about, "compiled programs", "3.18", "bpf(2), BPF_OBJ_GET_INFO_BY_FD",
         "Interpreted ones are ten times as slow", "", false, compiles},
        {"bpf.unprivileged", about, "without root", "4.4", "kernel.unprivileged_bpf_disabled",
         "Programs of any user; closed nearly everywhere since it leaked secrets", "", false,
         is_open_to_all},
    };
    for (const program_row& row : programs) {
        all.push_back({fmt::format("bpf.load.{}", row.id), about, std::string{row.name}, row.since,
                       "bpf(2), BPF_PROG_LOAD", row.why, fix_by_kernel, false, loads,
                       std::string{row.id}});
    }
    for (const map_row& row : maps) {
        all.push_back({fmt::format("bpf.map.{}", row.id), about, std::string{row.name}, row.since,
                       "bpf(2), BPF_MAP_CREATE", row.why, fix_by_kernel, false, makes,
                       std::string{row.id}});
    }
    return all;
}

}  // namespace ringway::probe
