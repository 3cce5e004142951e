// Follows TCP connections from their first packet to their end. Nothing here runs per segment: what
// the kernel counts of a connection anyway is read when it ends, or by the iterators.
#include "monitor_read.h"

struct flow {
    __u64 opened_ns;
    __u64 established_ns;
    __u32 process;
    char comm[MONITOR_COMM_BYTES];
    __u8 flags;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, __u64);
    __type(value, struct flow);
} flows SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 2097152);
} ends SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct monitor_tcp_totals);
} totals SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} ring_wakes_at SEC(".maps");

static const __u32 zero;

static __always_inline void name_process(struct flow* of) {
    of->process = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(of->comm, sizeof(of->comm));
}

static __always_inline void begin(const struct sock* sk, int passive,
                                  struct monitor_tcp_totals* count) {
    const __u64 id = (__u64)sk;
    struct flow made = {.opened_ns = bpf_ktime_get_ns()};
    if (passive) {
        made.flags = MONITOR_PASSIVE;
    } else {
        name_process(&made);
    }
    if (bpf_map_update_elem(&flows, &id, &made, BPF_ANY) != 0) ++count->untracked;
}

// One that is older than the monitor, from the moment when an end of it closes: so that its end can
// say who did.
static __always_inline void begin_late(const __u64* id, int now) {
    struct flow made = {};
    if (now == STATE_CLOSE_WAIT) {
        made.flags = MONITOR_CLOSED_THERE;
    } else {
        made.flags = MONITOR_CLOSED_HERE;
        name_process(&made);
    }
    bpf_map_update_elem(&flows, id, &made, BPF_ANY);
}

static __always_inline void establish(struct flow* of, struct monitor_tcp_totals* count) {
    of->established_ns = bpf_ktime_get_ns();
    of->flags |= MONITOR_ESTABLISHED;
    if (of->flags & MONITOR_PASSIVE) {
        ++count->accepted;
        return;
    }
    const __u64 took_us = (of->established_ns - of->opened_ns) / 1000;
    ++count->connected;
    count->connect_us_sum += took_us;
    ++count->connect_us[log2_bucket(took_us) & (MONITOR_LATENCY_BUCKETS - 1)];
}

static __always_inline void fill_end(struct monitor_end* event, const struct sock* sk,
                                     const struct flow* of, int before) {
    __builtin_memset(event, 0, sizeof(*event));
    event->id = (__u64)sk;
    event->cgroup = cgroup_of(sk);
    read_ends(&sk->__sk_common, &event->ends);
    // The port is given back before the state changes; this copy of it stays.
    event->ends.local_port = bpf_ntohs(BPF_CORE_READ((const struct inet_sock*)sk, inet_sport));
    event->family = sk->__sk_common.skc_family;
    event->error = sk->sk_err;
    event->state_before = before;
    event->ended_ns = bpf_ktime_get_ns();
    if (of) {
        event->opened_ns = of->opened_ns;
        event->established_ns = of->established_ns;
        event->flags = of->flags;
        event->process = of->process;
        __builtin_memcpy(event->comm, of->comm, sizeof(event->comm));
    }
    struct tcp_sock* const tcp = bpf_skc_to_tcp_sock((void*)sk);
    if (tcp) read_tcp(tcp, &event->tcp);
}

// A reader that sleeps is woken when a quarter is full; it looks by itself before that.
static __always_inline __u64 wake_or_not(void) {
    const __u64* const at = bpf_map_lookup_elem(&ring_wakes_at, &zero);
    return at && bpf_ringbuf_query(&ends, BPF_RB_AVAIL_DATA) >= *at ? BPF_RB_FORCE_WAKEUP
                                                                    : BPF_RB_NO_WAKEUP;
}

static __always_inline void end(const struct sock* sk, const struct flow* of, int before,
                                struct monitor_tcp_totals* count) {
    ++count->ended;
    if (before == STATE_SYN_SENT) ++count->failed;
    struct monitor_end* const event = bpf_ringbuf_reserve(&ends, sizeof(*event), 0);
    if (!event) {
        ++count->events_lost;
        return;
    }
    fill_end(event, sk, of, before);
    bpf_ringbuf_submit(event, wake_or_not());
}

static __always_inline void note_close(struct flow* of, int now) {
    if (now == STATE_CLOSE_WAIT) {
        of->flags |= MONITOR_CLOSED_THERE;
        return;
    }
    if (now == STATE_FIN_WAIT1) of->flags |= MONITOR_CLOSED_HERE;
    // These states are entered by a call of the process itself: who accepted it is known at last.
    if (of->process == 0) name_process(of);
}

// A close that drops what is left and sends a reset: the state changes before that is sent.
static __always_inline int is_abort(const struct sock* sk, int before) {
    return sk->sk_err == 0 && (before == STATE_ESTABLISHED || before == STATE_CLOSE_WAIT);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, const struct sock* sk, const int before, const int now) {
    if (sk->sk_protocol != MONITOR_IPPROTO_TCP) return 0;
    struct monitor_tcp_totals* const count = bpf_map_lookup_elem(&totals, &zero);
    if (!count || before == STATE_LISTEN || now == STATE_LISTEN) {
        if (!count || now != STATE_SYN_RECV) return 0;
    }
    if (now == STATE_SYN_SENT || (now == STATE_SYN_RECV && before != STATE_SYN_SENT)) {
        begin(sk, now == STATE_SYN_RECV, count);
        return 0;
    }
    const __u64 id = (__u64)sk;
    struct flow* const of = bpf_map_lookup_elem(&flows, &id);
    if (now == STATE_CLOSE) {
        if (of && is_abort(sk, before) && of->process == 0) name_process(of);
        end(sk, of, before, count);
        if (of) bpf_map_delete_elem(&flows, &id);
    } else if (of && now == STATE_ESTABLISHED) {
        establish(of, count);
    } else if (of && (now == STATE_FIN_WAIT1 || now == STATE_LAST_ACK || now == STATE_CLOSE_WAIT)) {
        note_close(of, now);
    } else if (!of && (now == STATE_FIN_WAIT1 || now == STATE_CLOSE_WAIT)) {
        begin_late(&id, now);
    }
    return 0;
}

static __always_inline void note_reset(const struct sock* sk, __u8 flag) {
    const __u64 id = (__u64)sk;
    struct flow* const of = bpf_map_lookup_elem(&flows, &id);
    if (of) of->flags |= flag;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(on_reset_sent, const struct sock* sk) {
    struct monitor_tcp_totals* const count = bpf_map_lookup_elem(&totals, &zero);
    if (count) ++count->resets_sent;
    if (sk) note_reset(sk, MONITOR_RESET_SENT);
    return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(on_reset_received, struct sock* sk) {
    struct monitor_tcp_totals* const count = bpf_map_lookup_elem(&totals, &zero);
    if (count) ++count->resets_received;
    note_reset(sk, MONITOR_RESET_RECEIVED);
    return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, const struct sock* sk) {
    struct monitor_tcp_totals* const count = bpf_map_lookup_elem(&totals, &zero);
    if (!count) return 0;
    ++count->retransmits;
    const int state = sk->__sk_common.skc_state;
    if (state == STATE_SYN_SENT || state == STATE_SYN_RECV) ++count->handshake_retransmits;
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
