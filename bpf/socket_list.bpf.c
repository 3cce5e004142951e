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

// How long a jiffy is, from the first socket that was listed on; 0 until that is some time ago.
static __u64 first_ns;
static __u64 first_jiffies;

static __always_inline __u64 jiffy_ns(__u64 now, __u64 jiffies) {
    if (first_ns == 0) {
        first_ns = now;
        first_jiffies = jiffies;
    }
    return jiffies - first_jiffies < 20 ? 0 : (now - first_ns) / (jiffies - first_jiffies);
}

// When a connection was made that has sent nothing: nobody can before it is accepted.
static __always_inline __u64 made_at(const struct sock* child, __u64 now, __u64 jiffies,
                                     __u64 jiffy) {
    const struct tcp_sock* const tcp = (const struct tcp_sock*)child;
    if (jiffy == 0 || !bpf_core_field_exists(tcp->lsndtime)) return 0;
    const __u32 age = (__u32)jiffies - BPF_CORE_READ(tcp, lsndtime);
    return now - age * jiffy;
}

// Connections are accepted in the order in which they came, so the first has waited longest.
static __always_inline __u64 waiting_since(const struct inet_connection_sock* listener) {
    const __u64 now = bpf_ktime_get_ns();
    const __u64 jiffies = bpf_jiffies64();
    const __u64 jiffy = jiffy_ns(now, jiffies);
    const struct sock* const child =
        BPF_CORE_READ(listener, icsk_accept_queue.rskq_accept_head, sk);
    const __u64 id = (__u64)child;
    if (!child) return 0;
    const struct flow_begin* const first = bpf_map_lookup_elem(&flows, &id);
    return first && first->established_ns ? first->established_ns
                                          : made_at(child, now, jiffies, jiffy);
}

static __always_inline void read_stream(struct sock_common* common, struct monitor_socket* to) {
    const __u64 id = (__u64)common;
    to->kind = MONITOR_TCP;
    to->id = id;
    to->family = BPF_CORE_READ(common, skc_family);
    to->state = BPF_CORE_READ(common, skc_state);
    read_ends(common, &to->ends);
    const struct flow_begin* const known = bpf_map_lookup_elem(&flows, &id);
    if (known) to->opened_ns = known->opened_ns;
    struct tcp_sock* const tcp = bpf_skc_to_tcp_sock(common);
    if (!tcp) return;  // What is left of a connection, or not one yet.
    read_socket(&tcp->inet_conn.icsk_inet.sk, to);
    if (to->state == STATE_LISTEN) {
        to->half_open = tcp->inet_conn.icsk_accept_queue.qlen.counter;
        to->waiting_since_ns = waiting_since(&tcp->inet_conn);
    } else {
        read_tcp(tcp, &to->tcp);
    }
}

static __always_inline void read_datagram(const struct sock* sk, struct monitor_socket* to) {
    to->kind = MONITOR_UDP;
    to->id = (__u64)sk;
    to->family = BPF_CORE_READ(sk, __sk_common.skc_family);
    to->state = BPF_CORE_READ(sk, __sk_common.skc_state);
    read_ends(&sk->__sk_common, &to->ends);
    read_socket(sk, to);
}

SEC("iter/tcp")
int list_tcp(struct bpf_iter__tcp* context) {
    struct sock_common* const common = context->sk_common;
    if (!common) return 0;
    struct monitor_socket socket = {.user = context->uid};
    read_stream(common, &socket);
    bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
    return 0;
}

SEC("iter/udp")
int list_udp(struct bpf_iter__udp* context) {
    struct udp_sock* const udp = context->udp_sk;
    if (!udp) return 0;
    struct monitor_socket socket = {.user = context->uid};
    read_datagram(&udp->inet.sk, &socket);
    bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
    return 0;
}

// With the socket, because a process may have it open in a network namespace that no process is in.
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
    struct monitor_owner owner = {.process = BPF_CORE_READ(task, tgid), .descriptor = context->fd};
    BPF_CORE_READ_STR_INTO(&owner.comm, task, comm);
    owner.socket.user = BPF_CORE_READ(sk, sk_uid.val);
    if (protocol == MONITOR_IPPROTO_TCP) {
        read_stream(&sk->__sk_common, &owner.socket);
    } else {
        read_datagram(sk, &owner.socket);
    }
    bpf_seq_write(context->meta->seq, &owner, sizeof(owner));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
