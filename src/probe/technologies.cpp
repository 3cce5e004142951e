// The compatibility table of tutorials, from what was tried.
#include <algorithm>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/probe/examine.hpp>

namespace ringway::probe {
namespace {

struct technology {
    std::string_view id;
    std::string_view name;
    std::string_view since;
    std::string_view why;
    std::string_view must;    ///< Rows, between spaces. Without one of them: no.
    std::string_view wanted;  ///< Without one of them: partial.
};

// Requirements of tokio-uring, Monoio and Glommio: their README files (5.11; 5.6 and memlock; 5.8
// and 512 KiB of locked memory for each executor).
constexpr technology table[] = {
    {"io_uring_5_1", "io_uring, as of 5.1", "5.1", "Files by rings", "io_uring.rings",
     "io_uring.registered_buffers"},
    {"io_uring_5_10", "io_uring, as of 5.10", "5.10", "Sockets too, without threads",
     "io_uring.rings io_uring.fast_poll io_uring.send_recv",
     "io_uring.openat2 io_uring.statx io_uring.splice"},
    {"io_uring_5_19", "io_uring, as of 5.19", "5.19", "Buffers by the kernel's choice",
     "io_uring.rings io_uring.buffer_ring",
     "io_uring.multishot_accept io_uring.coop_taskrun io_uring.msg_ring"},
    {"io_uring_6_0", "io_uring, as of 6.0 and 6.1", "6.0", "What serve runs on",
     "io_uring.rings io_uring.multishot_recv",
     "io_uring.send_zc io_uring.single_issuer io_uring.defer_taskrun"},
    {"tokio_uring", "tokio-uring runs", "5.11", "Tokio's tasks with files by io_uring",
     "io_uring.rings io_uring.ext_arg", "limits.memlock"},
    {"monoio", "Monoio runs", "5.6", "A thread on each core; epoll where there is no io_uring",
     "io_uring.rings io_uring.send_recv", "limits.memlock"},
    {"glommio", "Glommio runs", "5.8", "A thread on each core; has no other way than io_uring",
     "io_uring.rings io_uring.fast_poll limits.memlock", "io_uring.registered_buffers"},
    {"sendfile", "sendfile", "2.6.33", "Files to sockets without user memory", "files.sendfile",
     ""},
    {"splice", "splice", "2.6.17", "Any descriptor to any other, through a pipe", "files.splice",
     ""},
    {"mmap", "mmap", "2.0", "Files as memory", "files.mmap", ""},
    {"send_zc", "SEND_ZC and MSG_ZEROCOPY", "6.0", "The card takes the page itself",
     "io_uring.send_zc", "files.zerocopy"},
    {"http3", "HTTP/3 and QUIC", "4.18", "Streams that do not wait for each other",
     "network.packet_info",
     "network.udp_gso network.udp_gro network.ecn network.udp_receive_buffer "
     "network.udp_send_buffer network.mtu_probes network.steering"},
    {"af_xdp", "AF_XDP", "4.18", "Frames past the network stack", "xdp.socket",
     "xdp.native_copy bpf.attach.xdp limits.memlock"},
    {"af_xdp_zero_copy", "AF_XDP without copying", "4.18", "Frames straight from the card",
     "xdp.socket xdp.zero_copy", ""},
    {"ebpf", "eBPF", "3.18", "Programs in the kernel: filters, counters, probes",
     "bpf.load.socket_filter",
     "bpf.load.xdp bpf.load.sched_cls bpf.btf bpf.load.tracepoint bpf.load.kprobe "
     "bpf.attach.tracepoint bpf.attach.kprobe bpf.attach.fentry"},
};

using row_ids = std::vector<std::string_view>;

row_ids ids_in(std::string_view text) {
    row_ids out;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        out.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out;
}

std::string names_of(std::span<const finding> all, const row_ids& ids) {
    std::string text;
    for (const auto id : ids) {
        const finding* const row = find(all, id);
        text += text.empty() ? "" : ", ";
        text += row == nullptr ? std::string{id} : row->name;
    }
    return text;
}

row_ids lacking(std::span<const finding> all, const row_ids& ids, bool partial_too) {
    row_ids out;
    for (const auto id : ids) {
        const state has = state_of(all, id);
        if (has != state::yes && (partial_too || has != state::partial)) {
            out.push_back(id);
        }
    }
    return out;
}

// The first command that helps with one of them.
std::string fix_of(std::span<const finding> all, const row_ids& ids) {
    for (const auto id : ids) {
        const finding* const row = find(all, id);
        if (row != nullptr && !row->fix.empty()) {
            return row->fix;
        }
    }
    return "";
}

bool any_unknown(std::span<const finding> all, const row_ids& ids) {
    return std::ranges::any_of(
        ids, [all](std::string_view id) { return state_of(all, id) == state::unknown; });
}

finding judge_one(std::span<const finding> all, const technology& one) {
    finding row{.id = fmt::format("technologies.{}", one.id),
                .about = topic::technologies,
                .name = std::string{one.name},
                .has = state::yes,
                .found_by = "the rows below",
                .since = std::string{one.since},
                .why = std::string{one.why}};
    const auto without = lacking(all, ids_in(one.must), false);
    auto weaker = lacking(all, ids_in(one.wanted), true);
    for (const auto id : lacking(all, ids_in(one.must), true)) {
        if (std::ranges::find(without, id) == without.end()) {
            weaker.push_back(id);
        }
    }
    if (!without.empty()) {
        row.has = any_unknown(all, without) ? state::unknown : state::no;
        row.detail = "missing: " + names_of(all, without);
        row.fix = fix_of(all, without);
    } else if (!weaker.empty()) {
        row.has = state::partial;
        row.detail = "weaker for: " + names_of(all, weaker);
        row.fix = fix_of(all, weaker);
    }
    return row;
}

}  // namespace

std::vector<finding> technologies_of(std::span<const finding> all) {
    std::vector<finding> rows;
    for (const technology& each : table) {
        rows.push_back(judge_one(all, each));
    }
    return rows;
}

}  // namespace ringway::probe
