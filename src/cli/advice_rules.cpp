// What to use for what. The order within an aspect is the order of preference; the last rule of an
// aspect fits everything and needs nothing.
#include "cli/advice.hpp"

namespace ringway::cli {
namespace {

// Where the figures come from: an AF_XDP round trip takes about 4 us, a spinning socket 9, a
// socket that waits 50 and more; at 100 us the network stack is no longer what limits.
constexpr double frames_us = 20;
constexpr double spinning_us = 100;
constexpr double interactive_us = 50'000;
constexpr double small_bytes = 64 * 1024;
constexpr double large_bytes = 256 * 1024;
constexpr double datagram_bytes = 1400;
constexpr double lossy_percent = 1;
constexpr double many_clients = 10'000;
constexpr double fast_bytes_per_second = 500e6;  // Where a copy costs a good part of a core.

bool is_anything(const workload&) { return true; }
bool is_frames(const workload& of) {
    return of.latency_us <= frames_us && of.bytes <= datagram_bytes;
}
bool is_spinning(const workload& of) { return of.latency_us <= spinning_us; }
bool is_api(const workload& of) {
    return of.use == use_case::web_api && of.latency_us > spinning_us && of.bytes <= small_bytes;
}
bool has_many_clients(const workload& of) { return of.clients >= many_clients; }
bool is_small(const workload& of) { return of.bytes <= small_bytes; }
bool is_large(const workload& of) { return of.bytes >= large_bytes; }
bool is_files(const workload& of) { return is_large(of) || of.use == use_case::file_server; }
bool is_fast(const workload& of) {
    return is_large(of) && of.bytes_per_second() >= fast_bytes_per_second;
}
bool is_lossy(const workload& of) { return of.loss_percent >= lossy_percent; }
bool is_fresh(const workload& of) {
    return (of.use == use_case::media || is_lossy(of)) && of.bytes <= datagram_bytes &&
           of.latency_us <= interactive_us;
}
bool is_roaming(const workload& of) { return of.use == use_case::iot; }
bool is_local(const workload& of) { return is_spinning(of) && !is_lossy(of); }
bool is_lossless_bulk(const workload& of) { return is_large(of) && !is_lossy(of); }
bool wants_quic(const workload& of) { return !is_local(of); }
bool wants_tls_bulk(const workload& of) { return !is_small(of) && !is_local(of); }

constexpr std::string_view ring_needs =
    "io_uring.rings io_uring.defer_taskrun io_uring.buffer_ring io_uring.multishot_recv";
constexpr std::string_view quic_needs = "network.packet_info network.udp_gso network.udp_gro";

constexpr advice_rule rules[] = {
    {aspect::runtime, "af_xdp_zero_copy", "AF_XDP without copying, one spinning thread a queue",
     "Below 20 us every layer counts: frames go from the card's memory to the program, past the "
     "network stack and its wake-ups. There is no TCP then. The library has the sockets "
     "(xdp_socket)",
     "ringway xdp ping eth0 --to 192.0.2.1 --busy-poll 20", is_frames,
     "xdp.zero_copy xdp.native_copy bpf.load.xdp_frags"},
    {aspect::runtime, "af_xdp_copy", "AF_XDP with copying, one spinning thread a queue",
     "A copy of a small frame costs less than a wake-up: about half the latency of a spinning "
     "socket is left. There is no TCP then. The library has the sockets (xdp_socket)",
     "ringway xdp ping eth0 --to 192.0.2.1 --busy-poll 20", is_frames,
     "xdp.native_copy bpf.load.xdp_frags"},
    {aspect::runtime,
     "spinning",
     "a thread on each core that spins on io_uring",
     "A wake-up takes longer than the latency that is wanted; a shard that never sleeps has none, "
     "and costs its core all the time",
     "ringway serve DIR --busy-poll",
     is_spinning,
     ring_needs,
     {},
     {"latency", "echo", "ringway, spinning", "ringway, io_uring", true}},
    {aspect::runtime,
     "spinning_epoll",
     "a thread on each core that spins on epoll",
     "As with io_uring, at more system calls for a message",
     "ringway serve DIR --busy-poll",
     is_spinning,
     {},
     {},
     {"latency", "echo", "epoll, spinning", "epoll", true}},
    {aspect::runtime,
     "api",
     "a thread on each core on io_uring; work stealing (Tokio) if single requests compute for long",
     "Most of a small request is the kernel's TCP, the same for all runtimes; batches save the "
     "system calls around it. A request that computes for milliseconds would hold up the others "
     "of its core, and work stealing moves them",
     "",
     is_api,
     ring_needs,
     {},
     {"net", "http", "ringway serve", "epoll"}},
    {aspect::runtime,
     "many_clients",
     "a thread on each core on io_uring, with buffer rings",
     "Idle connections hold no receive buffer and no operation of their own, so that memory "
     "limits them, not the processor",
     "",
     has_many_clients,
     ring_needs,
     {},
     {"net", "echo", "ringway, io_uring", "epoll"}},
    {aspect::runtime,
     "files",
     "a thread on each core on io_uring: ringway serve",
     "Files and sockets in one wait, nothing shared between cores, system calls in batches",
     "ringway serve DIR",
     is_files,
     ring_needs,
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::runtime,
     "rings",
     "a thread on each core on io_uring",
     "Nothing is shared between cores, and system calls are made in batches",
     "",
     is_anything,
     ring_needs,
     {},
     {"serve", "4k", "ringway serve", "nginx"}},
    {aspect::runtime,
     "epoll",
     "a thread on each core on epoll",
     "The same design where io_uring is refused, at more system calls for a request",
     "ringway serve DIR --driver epoll",
     is_anything,
     {},
     {},
     {"serve", "4k", "ringway serve, epoll", "nginx"}},

    {aspect::protocol, "multicast", "datagrams of your own, or TCP with TCP_NODELAY; no HTTP",
     "Parsing text and sealing records take longer than the network inside a machine room, which "
     "hardly loses packets",
     "", is_local},
    {aspect::protocol,
     "datagrams",
     "QUIC datagrams for what gets old, streams for what must come",
     "A lost packet holds up only what was in it, and what is late is not sent again; one "
     "handshake and one congestion control for both. ringway serve speaks HTTP/3 and has streams "
     "only",
     "",
     is_fresh,
     quic_needs,
     {},
     {"quic", "hol", "HTTP/3", "HTTP/2"}},
    {aspect::protocol,
     "roaming",
     "HTTP/3: 0-RTT and connection migration",
     "Devices sleep, wake up elsewhere and say little: a resumed handshake costs no round trip, "
     "and a new address needs no new connection",
     "ringway serve DIR --tls cert.pem,key.pem --quic-idle-timeout 10m",
     is_roaming,
     "network.packet_info network.steering",
     {},
     {"quic", "handshake", "0-RTT", "HTTP/2"}},
    {aspect::protocol,
     "lossy",
     "HTTP/3, with HTTP/2 beside it",
     "Streams do not wait for each other's lost packets; clients without UDP come by TCP",
     "ringway serve DIR --tls cert.pem,key.pem --congestion bbr",
     is_lossy,
     quic_needs,
     {},
     {"quic", "hol", "HTTP/3", "HTTP/2"}},
    {aspect::protocol,
     "bulk_kernel_tls",
     "HTTP/2 or HTTP/1.1 over TLS in the kernel",
     "Without loss TCP moves large files at the least processor time: the card cuts segments, and "
     "the kernel seals what sendfile hands it",
     "ringway serve DIR --tls cert.pem,key.pem",
     is_lossless_bulk,
     "tls.send",
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::protocol,
     "bulk",
     "HTTP/2 or HTTP/1.1 over TLS",
     "Without loss TCP moves large files at the least processor time, as the card cuts the "
     "segments; QUIC costs more for each packet",
     "ringway serve DIR --tls cert.pem,key.pem --no-http3",
     is_lossless_bulk,
     {},
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::protocol,
     "both",
     "HTTP/2 over TLS 1.3, with HTTP/3 beside it",
     "Many requests on one connection; who has a lossy path or a new address takes HTTP/3 by "
     "itself (Alt-Svc)",
     "ringway serve DIR --tls cert.pem,key.pem",
     is_anything,
     {},
     {},
     {"quic", "handshake", "HTTP/3", "HTTP/2"}},

    {aspect::io, "none", "none on the path: everything in memory, logs handed to another core",
     "A read that misses the page cache takes longer than the whole budget", "", is_spinning},
    {aspect::io, "segments", "no files: datagrams in batches, by UDP GSO and GRO",
     "Dozens of packets go through the stack at once, in both directions", "", is_fresh,
     "network.udp_gso network.udp_gro"},
    {aspect::io,
     "zero_copy",
     "sendfile for what is cached; SEND_ZC for what is not",
     "At this rate each copy takes a good part of a core; the card reads the pages itself. Over "
     "loopback and most virtual cards the kernel copies all the same, and serve notices",
     "ringway serve DIR --transfer auto",
     is_fast,
     "io_uring.send_zc files.sendfile",
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::io,
     "kernel_tls",
     "sendfile, also on TLS connections (kTLS)",
     "Bodies never enter user memory, sealed or not",
     "ringway serve DIR --tls cert.pem,key.pem",
     is_large,
     "files.sendfile tls.send",
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::io,
     "sendfile",
     "sendfile; TLS is sealed in user memory",
     "Bodies go from the page cache to the socket by themselves; what is not cached is read first, "
     "so that no shard waits for a disk",
     "ringway serve DIR",
     is_large,
     "files.sendfile",
     {},
     {"serve", "1m", "ringway serve", "nginx"}},
    {aspect::io,
     "responses",
     "responses kept ready in memory, one send each",
     "Opening a small file costs more than sending it; serve keeps those of up to 64 KB ready, and "
     "watches them for changes",
     "ringway serve DIR --cache-bytes 256M",
     is_small,
     {},
     {},
     {"serve", "4k", "ringway serve", "nginx"}},
    {aspect::io,
     "rings",
     "reads by io_uring, many at a time",
     "A disk is fast when it has much to do at once",
     "ringway serve DIR",
     is_anything,
     "io_uring.rings",
     {},
     {"files", "random", "ringway, io_uring", "pread"}},
    {aspect::io, "threads", "reads by a few threads, beside the event loop",
     "Without io_uring a read that misses the page cache would stop a core",
     "ringway serve DIR --driver epoll", is_anything},

    {aspect::tuning,
     "udp_receive_buffer",
     "larger receive buffers for UDP",
     "Bursts of QUIC packets are dropped before the server sees them",
     "",
     wants_quic,
     {},
     "network.udp_receive_buffer"},
    {aspect::tuning,
     "udp_send_buffer",
     "larger send buffers for UDP",
     "QUIC waits after each burst",
     "",
     wants_quic,
     {},
     "network.udp_send_buffer"},
    {aspect::tuning,
     "kernel_tls",
     "TLS in the kernel",
     "Large bodies over TLS leave without entering user memory",
     "",
     wants_tls_bulk,
     {},
     "tls.send"},
    {aspect::tuning,
     "descriptors",
     "more descriptors",
     "Each connection takes one, and those beyond the limit wait",
     "",
     is_anything,
     {},
     "limits.nofile"},
    {aspect::tuning,
     "backlog",
     "a longer queue of new connections",
     "A burst of clients is refused before the server sees it",
     "",
     is_anything,
     {},
     "network.backlog"},
    {aspect::tuning, "many_clients", "short idle time-outs, and a limit for each address",
     "Most of many connections are idle, and some of them hostile",
     "ringway serve DIR --idle-timeout 30s --max-connections-per-address 100", has_many_clients},
    {aspect::tuning, "bbr", "BBR as congestion control of TCP",
     "Loss that is no congestion does not slow it down",
     "sudo sysctl -w net.core.default_qdisc=fq net.ipv4.tcp_congestion_control=bbr", is_lossy,
     "network.bbr"},
    {aspect::tuning,
     "bbr_missing",
     "BBR as congestion control of TCP",
     "Loss that is no congestion does not slow it down",
     "",
     is_lossy,
     {},
     "network.bbr"},
    {aspect::tuning,
     "isolated",
     "cores of their own",
     "What else runs on a core shows at the 99th percentile",
     "isolcpus=N nohz_full=N on the kernel's command line",
     is_spinning,
     {},
     "limits.isolated"},
    {aspect::tuning,
     "governor",
     "no clocking down",
     "A core that was slow takes long to get fast",
     "",
     is_spinning,
     {},
     "limits.governor"},
    {aspect::tuning, "busy_poll", "busy polling of sockets",
     "The stack looks for packets instead of waiting for an interrupt",
     "sudo sysctl -w net.core.busy_poll=50 net.core.busy_read=50", is_spinning,
     "network.busy_poll"},
    {aspect::tuning,
     "quota",
     "no quota of CPU time",
     "When it is used up all shards stand still until the next period",
     "",
     is_anything,
     {},
     "limits.cpu_quota"},
    {aspect::tuning,
     "huge_pages",
     "huge pages for the frames",
     "Fewer misses of the TLB",
     "",
     is_frames,
     {},
     "limits.huge_pages"},
    {aspect::tuning,
     "memlock",
     "more locked memory",
     "Registered buffers and AF_XDP are refused beyond it",
     "",
     is_fast,
     {},
     "limits.memlock"},
    {aspect::tuning,
     "numa",
     "one memory node",
     "Memory of another node is half as fast",
     "",
     is_spinning,
     {},
     "limits.numa"},
};

}  // namespace

std::span<const advice_rule> advice_rules() noexcept { return rules; }

}  // namespace ringway::cli
