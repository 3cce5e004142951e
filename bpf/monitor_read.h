// Reading sockets into what user space is told of them.
#pragma once

#include "monitor_kernel.h"

// By plain loads: through a pointer that is not there any more the kernel makes them zero.
static __always_inline void read_ends(const struct sock_common* from, struct monitor_ends* to) {
    if (from->skc_family == MONITOR_AF_INET6) {
        bpf_core_read(to->local, 16, &from->skc_v6_rcv_saddr);
        bpf_core_read(to->remote, 16, &from->skc_v6_daddr);
    } else {
        map_v4(to->local, from->skc_rcv_saddr);
        map_v4(to->remote, from->skc_daddr);
    }
    to->local_port = from->skc_num;
    to->remote_port = bpf_ntohs(from->skc_dport);
    to->network = from->skc_net.net->ns.inum;
}

// Before Linux 5.15 the pointer was one meaning of a number among others.
static __always_inline __u64 cgroup_of(const struct sock* from) {
    if (!bpf_core_field_exists(from->sk_cgrp_data.cgroup)) return 0;
    return from->sk_cgrp_data.cgroup->kn->id;
}

static __always_inline void read_tcp(const struct tcp_sock* from, struct monitor_tcp* to) {
    const struct sock* const sk = &from->inet_conn.icsk_inet.sk;
    to->bytes_sent = from->bytes_sent - from->bytes_retrans;
    // The end of the stream takes a number of its own in the count of what came.
    const __u64 received = from->bytes_received;
    const int peer_is_done = (sk->__sk_common.skc_flags & SOCK_DONE_FLAG) != 0;
    to->bytes_received = received - (received > 0 && peer_is_done);
    to->rtt_us = from->srtt_us >> 3;
    to->rtt_variance_us = from->mdev_us >> 2;
    to->retransmits = from->total_retrans;
    to->congestion_window = from->snd_cwnd;
    to->unsent_bytes = from->write_seq - from->snd_una;
    to->unread_bytes = from->rcv_nxt - from->copied_seq;
}
