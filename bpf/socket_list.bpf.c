// Lists sockets and who has them open, when user space reads them.
#include "monitor_read.h"

// Shared with tcp_watch where that runs: when a connection began.
struct flow_begin {
    __u64 opened_ns;
    __u64 established_ns;
    __u32 process;
    char comm[MONITOR_COMM_BYTES];
    __u8 flags;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, struct flow_begin);
} flows SEC(".maps");

static __always_inline void read_socket(const struct sock* sk, struct monitor_socket* to) {
    to->cgroup = cgroup_of(sk);
    to->backlog = BPF_CORE_READ(sk, sk_ack_backlog);
    to->backlog_max = BPF_CORE_READ(sk, sk_max_ack_backlog);
    if (bpf_core_field_exists(sk->sk_drops)) to->drops = BPF_CORE_READ(sk, sk_drops.counter);
}

SEC("iter/tcp")
int list_tcp(struct bpf_iter__tcp* context) {
    struct sock_common* const common = context->sk_common;
    if (!common) return 0;
    struct monitor_socket socket = {.kind = MONITOR_TCP, .user = context->uid};
    const __u64 id = (__u64)common;
    socket.id = id;
    socket.family = BPF_CORE_READ(common, skc_family);
    socket.state = BPF_CORE_READ(common, skc_state);
    read_ends(common, &socket.ends);
    const struct flow_begin* const known = bpf_map_lookup_elem(&flows, &id);
    if (known) socket.opened_ns = known->opened_ns;
    struct tcp_sock* const tcp = bpf_skc_to_tcp_sock(common);
    if (tcp) {  // Else what is left of a connection, or not one yet.
        read_socket(&tcp->inet_conn.icsk_inet.sk, &socket);
        if (socket.state == STATE_LISTEN) {
            socket.half_open = tcp->inet_conn.icsk_accept_queue.qlen.counter;
        } else {
            read_tcp(tcp, &socket.tcp);
        }
    }
    bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
    return 0;
}

SEC("iter/udp")
int list_udp(struct bpf_iter__udp* context) {
    struct udp_sock* const udp = context->udp_sk;
    if (!udp) return 0;
    const struct sock* const sk = &udp->inet.sk;
    struct monitor_socket socket = {.kind = MONITOR_UDP, .user = context->uid};
    socket.id = (__u64)udp;
    socket.family = BPF_CORE_READ(sk, __sk_common.skc_family);
    socket.state = BPF_CORE_READ(sk, __sk_common.skc_state);
    read_ends(&sk->__sk_common, &socket.ends);
    read_socket(sk, &socket);
    bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
    return 0;
}

SEC("iter/task_file")
int list_owners(struct bpf_iter__task_file* context) {
    struct task_struct* const task = context->task;
    struct file* const file = context->file;
    if (!task || !file) return 0;
    struct socket* const socket = bpf_sock_from_file(file);
    if (!socket) return 0;
    struct sock* const sk = socket->sk;
    if (!sk) return 0;
    const __u16 protocol = BPF_CORE_READ(sk, sk_protocol);
    const __u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
    if (family != MONITOR_AF_INET && family != MONITOR_AF_INET6) return 0;
    if (protocol != MONITOR_IPPROTO_TCP && protocol != MONITOR_IPPROTO_UDP) return 0;
    struct monitor_owner owner = {
        .id = (__u64)sk, .process = BPF_CORE_READ(task, tgid), .descriptor = context->fd};
    BPF_CORE_READ_STR_INTO(&owner.comm, task, comm);
    bpf_seq_write(context->meta->seq, &owner, sizeof(owner));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
