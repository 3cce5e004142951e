// What the BPF programs of the monitor tell user space: one layout for both sides.
#pragma once

#include <linux/types.h>

#define MONITOR_COMM_BYTES 16
#define MONITOR_LATENCY_BUCKETS 32  // Bucket n: from 2^n to 2^(n+1) microseconds; the last: more.
#define MONITOR_URING_OPS 128

#ifdef __cplusplus
#define MONITOR_SIZE(type, bytes) static_assert(sizeof(type) == (bytes))
#else
#define MONITOR_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#endif

// Both ends of a connection; IPv4 addresses are mapped into IPv6 (RFC 4291, 2.5.5.2).
struct monitor_ends {
    __u8 local[16];
    __u8 remote[16];
    __u16 local_port;   // Of this host's byte order, both.
    __u16 remote_port;
    __u32 network;  // Inode number of the network namespace.
};
MONITOR_SIZE(struct monitor_ends, 40);

// What the kernel counts of a TCP connection.
struct monitor_tcp {
    __u64 bytes_sent;  // Of payload, each byte once.
    __u64 bytes_received;
    __u32 rtt_us;
    __u32 rtt_variance_us;
    __u32 retransmits;
    __u32 congestion_window;
    __u32 unsent_bytes;  // In the send queue: not sent, or not yet acknowledged.
    __u32 unread_bytes;  // In the receive queue.
};
MONITOR_SIZE(struct monitor_tcp, 40);

enum monitor_socket_kind { MONITOR_TCP = 1, MONITOR_UDP = 2 };

// One socket, from the iterators over TCP and UDP.
struct monitor_socket {
    __u64 id;      // Address of the socket in the kernel: the same as in an owner and an end.
    __u64 cgroup;  // Id of its control group (v2); 0 if unknown.
    struct monitor_ends ends;
    struct monitor_tcp tcp;
    __u64 opened_ns;  // CLOCK_MONOTONIC; 0 if older than the monitor.
    __u32 user;
    __u32 backlog;  // Of a listening socket: connections that wait to be accepted.
    __u32 backlog_max;
    __u32 half_open;  // Of a listening socket: requests whose handshake is not complete.
    __u32 drops;
    __u8 state;
    __u8 kind;
    __u8 family;
    __u8 padding;
    // Of a listening socket: when the first connection in its queue was established; to some
    // milliseconds if that is older than the monitor. 0 if there is none, or not known.
    __u64 waiting_since_ns;
};
MONITOR_SIZE(struct monitor_socket, 136);

// A process that has a socket open, from the iterator over open files.
struct monitor_owner {
    __u32 process;
    __u32 descriptor;
    char comm[MONITOR_COMM_BYTES];
    struct monitor_socket socket;
};
MONITOR_SIZE(struct monitor_owner, 160);

enum monitor_end_flags {
    MONITOR_PASSIVE = 1,       // It was accepted, not connected.
    MONITOR_CLOSED_HERE = 2,   // Our side sent its FIN first.
    MONITOR_CLOSED_THERE = 4,  // The peer did.
    MONITOR_RESET_SENT = 8,
    MONITOR_RESET_RECEIVED = 16,
    MONITOR_ESTABLISHED = 32,
};

// A connection that has ended, or did not come about.
struct monitor_end {
    __u64 id;
    __u64 cgroup;
    struct monitor_ends ends;
    struct monitor_tcp tcp;
    __u64 opened_ns;       // First packet of the handshake; 0 if before the monitor.
    __u64 established_ns;  // 0 if it never was, or before the monitor.
    __u64 ended_ns;
    __u32 process;  // 0 if no call of a process had a part in it.
    __u32 error;    // The errno that the socket was left with.
    char comm[MONITOR_COMM_BYTES];
    __u8 flags;
    __u8 state_before;
    __u8 family;
    __u8 padding[5];
};
MONITOR_SIZE(struct monitor_end, 152);

// Totals of the TCP programs, per processor.
struct monitor_tcp_totals {
    __u64 connected;  // Connections that we made.
    __u64 accepted;
    __u64 ended;
    __u64 failed;  // Connects that came to nothing.
    __u64 retransmits;
    __u64 handshake_retransmits;
    __u64 resets_sent;
    __u64 resets_received;
    __u64 events_lost;  // The ring was full.
    __u64 untracked;    // The table of connections was full.
    __u64 connect_us_sum;
    __u64 connect_us[MONITOR_LATENCY_BUCKETS];
};
MONITOR_SIZE(struct monitor_tcp_totals, 11 * 8 + MONITOR_LATENCY_BUCKETS * 8);

struct monitor_drop_key {
    __u64 location;  // Address in the kernel's code.
    __u32 reason;
    __u16 protocol;  // EtherType.
    __u8 transport;  // IP protocol number.
    __u8 padding;
};
MONITOR_SIZE(struct monitor_drop_key, 16);

struct monitor_drop {
    __u64 packets;
    __u64 bytes;
    __u64 last_ns;
    struct monitor_ends last;  // Of the last one: source as remote, destination as local.
    char device[MONITOR_COMM_BYTES];
};
MONITOR_SIZE(struct monitor_drop, 80);

// What a table could not take, per processor.
struct monitor_overflow {
    __u64 seen;
    __u64 seen_bytes;
    __u64 inserted;  // Entries ever made.
    __u64 lost;      // Without a place.
};
MONITOR_SIZE(struct monitor_overflow, 32);

struct monitor_uring_op {
    __u64 submitted;
    __u64 completed;
    __u64 failed;
    __u64 sampled;
    __u64 sampled_us_sum;
    __u64 latency_us[MONITOR_LATENCY_BUCKETS];
};
MONITOR_SIZE(struct monitor_uring_op, 40 + MONITOR_LATENCY_BUCKETS * 8);

struct monitor_uring_user_key {
    __u32 process;
    __u32 op;
};

struct monitor_uring_user {
    __u64 submitted;
    char comm[MONITOR_COMM_BYTES];
};

struct monitor_source_key {
    __u8 address[16];
    __u32 interface;
    __u32 network;
};
MONITOR_SIZE(struct monitor_source_key, 24);

struct monitor_source {
    __u64 packets;
    __u64 bytes;
    __u64 missed_at_most;  // Packets before it got its place: never more, mostly fewer.
    char device[MONITOR_COMM_BYTES];
};
MONITOR_SIZE(struct monitor_source, 40);
