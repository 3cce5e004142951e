// The few fields of the kernel's structures that the monitor reads. libbpf finds where they are in
// the kernel that runs (CO-RE), so neither its headers nor its BTF are needed to build.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "monitor_types.h"

// BPF_PROG of libbpf gives every program a context, which few of them look at.
#pragma clang diagnostic ignored "-Wunused-parameter"

#define RELOCATED __attribute__((preserve_access_index))
#define MONITOR_AF_INET 2
#define MONITOR_AF_INET6 10
#define MONITOR_IPPROTO_TCP 6
#define MONITOR_IPPROTO_UDP 17

struct ns_common {
    __u32 inum;
} RELOCATED;

struct net {
    struct ns_common ns;
} RELOCATED;

typedef struct {
    struct net* net;
} possible_net_t;

struct in6_addr_bytes {
    __u8 bytes[16];
};

struct in6_addr;

struct sock_common {
    __u32 skc_daddr;
    __u32 skc_rcv_saddr;
    __u16 skc_dport;
    __u16 skc_num;
    __u16 skc_family;
    __u8 skc_state;
    unsigned long skc_flags;
    possible_net_t skc_net;
    struct in6_addr_bytes skc_v6_daddr;
    struct in6_addr_bytes skc_v6_rcv_saddr;
} RELOCATED;

struct kernfs_node {
    __u64 id;
} RELOCATED;

struct cgroup {
    struct kernfs_node* kn;
} RELOCATED;

struct sock_cgroup_data {
    struct cgroup* cgroup;
} RELOCATED;

typedef struct {
    __u32 val;
} kuid_t;

typedef struct {
    int counter;
} atomic_t;

struct sock {
    struct sock_common __sk_common;
    __u16 sk_protocol;
    int sk_err;
    kuid_t sk_uid;
    __u32 sk_ack_backlog;
    __u32 sk_max_ack_backlog;
    atomic_t sk_drops;
    struct sock_cgroup_data sk_cgrp_data;
    int sk_wmem_queued;
    int sk_rcvbuf;
} RELOCATED;

struct inet_sock {
    struct sock sk;
    __u16 inet_sport;
} RELOCATED;

struct request_sock {
    struct sock* sk;
} RELOCATED;

struct request_sock_queue {
    atomic_t qlen;
    struct request_sock* rskq_accept_head;
} RELOCATED;

struct inet_connection_sock {
    struct inet_sock icsk_inet;
    struct request_sock_queue icsk_accept_queue;
} RELOCATED;

struct tcp_sock {
    struct inet_connection_sock inet_conn;
    __u64 bytes_sent;
    __u64 bytes_retrans;
    __u64 bytes_received;
    __u32 srtt_us;
    __u32 mdev_us;
    __u32 total_retrans;
    __u32 snd_cwnd;
    __u32 write_seq;
    __u32 snd_una;
    __u32 rcv_nxt;
    __u32 copied_seq;
    __u32 lsndtime;
} RELOCATED;

struct udp_sock {
    struct inet_sock inet;
    int forward_deficit;
} RELOCATED;

struct tcp_request_sock;
struct tcp_timewait_sock;

struct socket {
    struct sock* sk;
} RELOCATED;

struct file;

struct task_struct {
    int pid;
    int tgid;
    char comm[16];
} RELOCATED;

struct net_device {
    char name[16];
    int ifindex;
    possible_net_t nd_net;
} RELOCATED;

struct sk_buff {
    struct net_device* dev;
    unsigned int len;
    __u16 protocol;
    __u16 network_header;
    unsigned char* head;
    unsigned char* data;
} RELOCATED;

struct seq_file;

struct bpf_iter_meta {
    struct seq_file* seq;
    __u64 session_id;
    __u64 seq_num;
} RELOCATED;

struct bpf_iter__tcp {
    struct bpf_iter_meta* meta;
    struct sock_common* sk_common;
    __u32 uid;
} RELOCATED;

struct bpf_iter__udp {
    struct bpf_iter_meta* meta;
    struct udp_sock* udp_sk;
    __u32 uid;
} RELOCATED;

struct bpf_iter__task_file {
    struct bpf_iter_meta* meta;
    struct task_struct* task;
    __u32 fd;
    struct file* file;
} RELOCATED;

// States of include/net/tcp_states.h, which are also those of tcp(7)'s TCP_INFO.
enum {
    STATE_ESTABLISHED = 1,
    STATE_SYN_SENT,
    STATE_SYN_RECV,
    STATE_FIN_WAIT1,
    STATE_FIN_WAIT2,
    STATE_TIME_WAIT,
    STATE_CLOSE,
    STATE_CLOSE_WAIT,
    STATE_LAST_ACK,
    STATE_LISTEN,
    STATE_CLOSING,
};

#define SOCK_DONE_FLAG 2UL  // 1 << SOCK_DONE: the peer's FIN has come.

static __always_inline void map_v4(__u8* to, __u32 address) {
    __u32* const words = (__u32*)to;
    words[0] = 0;
    words[1] = 0;
    words[2] = bpf_htonl(0xffff);
    words[3] = address;
}

static __always_inline __u32 log2_bucket(__u64 value) {
    __u32 bucket = 0;
    for (__u32 shift = 16; shift > 0; shift >>= 1) {
        if (value >> shift != 0) {
            value >>= shift;
            bucket += shift;
        }
    }
    return bucket < MONITOR_LATENCY_BUCKETS ? bucket : MONITOR_LATENCY_BUCKETS - 1;
}
